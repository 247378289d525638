/** What there is a starting point of. */
export const newKinds = [
  'aggregator',
  'meta-aggregator',
  'arrival-rule',
  'attack',
  'server-attack',
  'model',
  'optimizer',
  'arrival',
  'config',
] as const;

export type NewKind = (typeof newKinds)[number];
