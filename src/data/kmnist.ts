import { idxDataset } from './idx-dataset.js';

export const kmnist = idxDataset({
  name: 'kmnist',
  title: 'Kuzushiji-MNIST',
  summary: 'ten characters of cursive Japanese, shaped like MNIST and harder',
  source: 'Clanuwat et al., Deep Learning for Classical Japanese Literature, 2018',
  counts: { train: 60_000, test: 10_000 },
  // Checksums as torchvision lists them.
  train: [
    ['train-images-idx3-ubyte', 'bdb82020997e1d708af4cf47b453dcf7'],
    ['train-labels-idx1-ubyte', 'e144d726b3acfaa3e44228e80efcd344'],
  ],
  test: [
    ['t10k-images-idx3-ubyte', '5c965bf0a639b31b8f53240b1b52f4d7'],
    ['t10k-labels-idx1-ubyte', '7320c461ea6c1c855c0b718fb2a4b134'],
  ],
  from: ['https://codh.rois.ac.jp/kmnist/dataset/kmnist/', 'http://codh.rois.ac.jp/kmnist/dataset/kmnist/'],
});
