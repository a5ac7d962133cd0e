import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { writeState, type StackState } from './folder.ts';
import { keep, type Kept } from './keep.ts';
import { forgetMarks, writeMarks, type Mark } from './left-over.ts';
import { identityOf } from './process-identity.ts';
import { checkReplicas, processName, processUnit, replicasMaxOf, replicasOf } from './processes.ts';
import { REGISTER } from './servers/rabbitmq.ts';
import { startServers } from './start-servers.ts';
import type { Status, Unit, UnitStatus } from './unit.ts';

type Say = (text: string) => void;

export type Supervised = {
  /** Starts everything; resolves when every process is ready. */
  start(): Promise<void>;
  status(): Promise<Status>;
  /** A name such as `payments-2` or `redis`, or a service; it stays down until it is started again. */
  stop(name: string, signal?: NodeJS.Signals): Promise<void>;
  startAgain(name: string): Promise<void>;
  /**
   * A service's processes one after the other, each ready before the next one stops; where there is only one,
   * a
   * second one stands in for it, as far as the service may have two.
   */
  restart(name: string, say: Say): Promise<void>;
  scale(service: string, count: number): Promise<void>;
  /** Ends the processes, then the servers. */
  end(): Promise<void>;
};

export type SuperviseOptions = {
  folder: string;
  state: StackState;
  definitions: readonly AnyServiceDefinition[];
  say: Say;
};

/** Everything that a stack runs at the moment. */
const openCrew = (folder: string, say: Say) => {
  let crew: Kept[] = [];
  const changed = () => {
    const marks = crew.flatMap(({ unit, pid }): Mark[] => {
      const id = pid();
      const identity = id === null ? null : identityOf(id);
      if (id === null || identity === null) return [];
      return [{ name: unit.name, kind: unit.kind, pid: id, identity, signal: unit.stopSignal }];
    });
    writeMarks(folder, marks);
  };
  const isUp = (unit: Unit) => {
    if (unit.kind === 'server') for (const one of crew) one.hurry();
  };
  return {
    all: (): readonly Kept[] => crew,
    /** Servers in the order of their start, then processes by name. */
    status: async (): Promise<UnitStatus[]> => {
      const units = await Promise.all(crew.map((one) => one.status()));
      const processes = units.filter(({ kind }) => kind === 'process');
      const byName = processes.toSorted((one, other) => one.name.localeCompare(other.name));
      return [...units.filter(({ kind }) => kind === 'server'), ...byName];
    },
    run: (unit: Unit): Kept => {
      const one = keep(unit, { say, changed, isUp });
      crew.push(one);
      one.start();
      return one;
    },
    find: (name: string): Kept[] => {
      const found = crew.filter(({ unit }) => unit.name === name || unit.service === name);
      const names = crew.map(({ unit }) => unit.name).join(', ');
      if (found.length === 0) throw new Error(`Nothing here is called ${name}; there are ${names}.`);
      return found;
    },
    stop: async (members: readonly Kept[]): Promise<void> => {
      await Promise.all(members.map((one) => one.stop()));
    },
    dismiss: async (members: readonly Kept[]): Promise<void> => {
      await Promise.all(members.map((one) => one.stop()));
      crew = crew.filter((one) => !members.includes(one));
    },
  };
};

/** One after the other, each ready before the next one stops. */
const restartEach = async (members: readonly Kept[], tell: Say): Promise<void> => {
  for (const one of members) {
    tell(`restarting ${one.unit.name}`);
    await one.stop();
    one.start();
    await one.ready();
  }
};

/** The processes, then the servers; the brokers sign off in the register, which goes last. */
const stopInOrder = async (crew: ReturnType<typeof openCrew>): Promise<void> => {
  const is = (kind: Unit['kind']) => crew.all().filter(({ unit }) => unit.kind === kind);
  await crew.stop(is('process'));
  await crew.stop(is('server').filter(({ unit }) => unit.name !== REGISTER));
  await crew.stop(is('server'));
};

const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** Runs one stack; answers to its supervisor's commands. */
export const supervise = ({ folder, state, definitions, say }: SuperviseOptions): Supervised => {
  const crew = openCrew(folder, say);
  let ending = false;

  const runProcess = (definition: AnyServiceDefinition, replica: number): Kept =>
    crew.run(processUnit(definition, replica, { folder, state }));

  const scale = async (service: string, count: number): Promise<void> => {
    const definition = definitions.find(({ contract }) => contract.service === service);
    const services = definitions.map(({ contract }) => contract.service).join(', ');
    if (!definition) throw new Error(`There is no service ${service}; there are ${services}.`);
    checkReplicas(service, count);
    state.replicas[service] = count;
    const here = crew.all().filter(({ unit }) => unit.service === service);
    const names = numbersTo(count).map((at) => processName(service, at));
    const tooMany = here.filter(({ unit }) => !names.includes(unit.name));
    const missing = numbersTo(count).filter(
      (at) => !here.some(({ unit }) => unit.name === processName(service, at)),
    );
    const added = missing.map((at) => runProcess(definition, at));
    writeState(folder, state);
    await Promise.all([...added.map((one) => one.ready()), crew.dismiss(tooMany)]);
  };

  const restart: Supervised['restart'] = async (name, tell) => {
    const found = crew.find(name);
    const isAlone = found.length === 1 && replicasMaxOf(name) > 1;
    const alone = definitions.filter(({ contract }) => isAlone && contract.service === name);
    const standIns = alone.map((definition) => runProcess(definition, 2));
    try {
      for (const one of standIns) await one.ready();
      await restartEach(found, tell);
    } finally {
      await crew.dismiss(standIns);
    }
  };

  return {
    start: async () => {
      await startServers({ folder, state, definitions, run: crew.run, say });
      if (ending) return;
      const started = definitions.flatMap((definition) =>
        numbersTo(replicasOf(state, definition.contract.service)).map((at) => runProcess(definition, at)),
      );
      writeState(folder, state);
      await Promise.all(started.map((one) => one.ready()));
    },
    status: async () => ({
      name: state.name,
      base: state.base,
      supervisorPid: process.pid,
      units: await crew.status(),
    }),
    stop: async (name, signal) => {
      await Promise.all(crew.find(name).map((one) => one.stop(signal)));
    },
    startAgain: async (name) => {
      const found = crew.find(name);
      for (const one of found) one.start();
      await Promise.all(found.map((one) => one.ready()));
    },
    restart,
    scale,
    end: async () => {
      ending = true;
      await stopInOrder(crew);
      forgetMarks(folder);
    },
  };
};
