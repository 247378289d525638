/** The wheels of PyPI that are fetched, at the versions this was tried with. */

export const tensorflowVersion = '2.21.0';

/** TensorFlow's C library on the CPU, or with CUDA 12. */
export const tensorflowWheels = {
  cpu: [`tensorflow-cpu==${tensorflowVersion}`],
  cuda: [
    `tensorflow==${tensorflowVersion}`,
    'nvidia-cublas-cu12==12.9.3.13',
    'nvidia-cuda-cupti-cu12==12.8.90',
    'nvidia-cuda-nvcc-cu12==12.9.86', // ptxas and libdevice, with which TensorFlow compiles kernels
    'nvidia-cuda-nvrtc-cu12==12.9.86',
    'nvidia-cuda-runtime-cu12==12.9.79',
    'nvidia-cudnn-cu12==9.28.0.42',
    'nvidia-cufft-cu12==11.4.1.4',
    'nvidia-curand-cu12==10.3.10.19',
    'nvidia-cusolver-cu12==11.7.5.82',
    'nvidia-cusparse-cu12==12.5.10.65',
    'nvidia-nccl-cu12==2.32.3',
    'nvidia-nvjitlink-cu12==12.9.86',
  ],
} as const;
