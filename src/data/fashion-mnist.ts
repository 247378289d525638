import { idxDataset } from './idx-dataset.js';

export const fashionMnist = idxDataset({
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  summary: 'pictures of clothes, shaped like MNIST and harder',
  source: 'Xiao, Rasul and Vollgraf, Fashion-MNIST, 2017',
  counts: { train: 60_000, test: 10_000 },
  // Checksums as torchvision lists them.
  train: [
    ['train-images-idx3-ubyte', '8d4fb7e6c68d591d4c3dfef9ec88bf0d'],
    ['train-labels-idx1-ubyte', '25c81989df183df01b3e8a0aad5dffbe'],
  ],
  test: [
    ['t10k-images-idx3-ubyte', 'bef4ecab320f06d8554ea6380940ec79'],
    ['t10k-labels-idx1-ubyte', 'bb300cfdad3c16e7a12a480ee83cd310'],
  ],
  from: [
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  ],
});
