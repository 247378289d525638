import { fetchZip, type Archive } from './fetch.js';
import { idxDataset } from './idx-dataset.js';

/** All splits of EMNIST, 562 MB; the checksum as torchvision lists it. */
export const emnistArchive: Archive = {
  name: 'emnist-gzip.zip',
  md5: '58c8d27c78d21e728a6bc7b3cc06412e',
  urls: [
    'https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip',
    'https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip',
  ],
};

/** Images lie in the files with rows and columns exchanged; they are used as they lie, as by torchvision. */
export const emnistDigits = idxDataset({
  name: 'emnist-digits',
  title: 'EMNIST Digits',
  summary: 'handwritten digits, four times as many as MNIST',
  source: 'Cohen et al., EMNIST: an extension of MNIST to handwritten letters, 2017',
  counts: { train: 240_000, test: 40_000 },
  train: [['emnist-digits-train-images-idx3-ubyte'], ['emnist-digits-train-labels-idx1-ubyte']],
  test: [['emnist-digits-test-images-idx3-ubyte'], ['emnist-digits-test-labels-idx1-ubyte']],
  from: (folder, missing, problem, options) => fetchZip(emnistArchive, folder, missing, problem, options),
});
