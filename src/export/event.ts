import protobuf from 'protobufjs/light.js';
import type { EndStatus } from '../results/run-folder.js';

/**
 * The messages of TensorBoard that are written here, by the numbers of their fields: event.proto and summary.proto of
 * TensorFlow, plugin_data.proto of the hparams plugin, struct.proto of protobuf.
 */
const messages: object = {
  nested: {
    Event: {
      fields: {
        wallTime: { id: 1, type: 'double' },
        step: { id: 2, type: 'int64' },
        fileVersion: { id: 3, type: 'string' },
        summary: { id: 5, type: 'Summary' },
      },
    },
    Summary: { fields: { value: { id: 1, rule: 'repeated', type: 'SummaryValue' } } },
    SummaryValue: {
      fields: {
        tag: { id: 1, type: 'string' },
        simpleValue: { id: 2, type: 'float' },
        metadata: { id: 9, type: 'SummaryMetadata' },
      },
    },
    SummaryMetadata: { fields: { pluginData: { id: 1, type: 'PluginData' } } },
    PluginData: { fields: { pluginName: { id: 1, type: 'string' }, content: { id: 2, type: 'bytes' } } },
    HParamsPluginData: {
      fields: {
        sessionStartInfo: { id: 3, type: 'SessionStartInfo' },
        sessionEndInfo: { id: 4, type: 'SessionEndInfo' },
      },
    },
    SessionStartInfo: {
      fields: {
        hparams: { id: 1, keyType: 'string', type: 'Value' },
        groupName: { id: 4, type: 'string' },
        startTimeSecs: { id: 5, type: 'double' },
      },
    },
    SessionEndInfo: { fields: { status: { id: 1, type: 'int32' }, endTimeSecs: { id: 2, type: 'double' } } },
    Value: {
      fields: {
        numberValue: { id: 2, type: 'double' },
        stringValue: { id: 3, type: 'string' },
        boolValue: { id: 4, type: 'bool' },
      },
    },
  },
};
const { nested } = protobuf.Root.fromJSON(messages as protobuf.INamespace) as unknown as {
  nested: Record<string, protobuf.Type>;
};

/** Times are in seconds since 1970. */
type Seconds = number;

/** What begins every file. */
export function fileVersionEvent(wallTime: Seconds): Uint8Array {
  return encode('Event', { wallTime, fileVersion: 'brain.Event:2' });
}

/** One number of each tag. */
export function scalarsEvent(
  wallTime: Seconds,
  step: number,
  values: Readonly<Record<string, number>>,
): Uint8Array {
  const value = Object.entries(values).map(([tag, simpleValue]) => ({ tag, simpleValue }));
  return encode('Event', { wallTime, step, summary: { value } });
}

export type Hyperparameters = Readonly<Record<string, string | number | boolean>>;

/** What a run was of. `group`: runs that differ in their seed alone have one. */
export function sessionStartEvent(
  wallTime: Seconds,
  group: string,
  hyperparameters: Hyperparameters,
): Uint8Array {
  const hparams = Object.fromEntries(
    Object.entries(hyperparameters).map(([key, value]) => [key, { [`${typeof value}Value`]: value }]),
  );
  const sessionStartInfo = { hparams, groupName: group, startTimeSecs: wallTime };
  return hparamsEvent(wallTime, '_hparams_/session_start_info', { sessionStartInfo });
}

/** Statuses of api.proto of the hparams plugin. */
const statuses: Readonly<Record<EndStatus, number>> = { done: 1, diverged: 2, stopped: 2 };

export function sessionEndEvent(wallTime: Seconds, status: EndStatus): Uint8Array {
  const sessionEndInfo = { status: statuses[status], endTimeSecs: wallTime };
  return hparamsEvent(wallTime, '_hparams_/session_end_info', { sessionEndInfo });
}

function hparamsEvent(wallTime: Seconds, tag: string, data: object): Uint8Array {
  const pluginData = { pluginName: 'hparams', content: encode('HParamsPluginData', data) };
  return encode('Event', { wallTime, summary: { value: [{ tag, metadata: { pluginData } }] } });
}

function encode(type: string, message: object): Uint8Array {
  return nested[type].encode(message).finish();
}
