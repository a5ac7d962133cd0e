import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { writeState, type StackState } from './folder.ts';
import { superviseUnit, type SupervisedUnit } from './supervise-unit.ts';
import { deleteProcessList, writeProcessList, type RunningProcess } from './orphans.ts';
import { identityOf } from './process-identity.ts';
import { checkReplicas, processName, processUnit, replicasMaxOf, replicasOf } from './processes.ts';
import { GATEWAY, operatorVariables } from './environment.ts';
import { nginxUnit } from './servers/nginx.ts';
import { prometheusUnit, writeTargets } from './servers/prometheus.ts';
import { REGISTER } from './servers/rabbitmq.ts';
import { startServers } from './start-servers.ts';
import type { Status, Unit, UnitStatus } from './unit.ts';

type Say = (text: string) => void;

/** The name of all processes of services. */
const ALL_SERVICES = 'services';

type SupervisedStack = {
  /** Starts everything; resolves when every process is ready. */
  start(): Promise<void>;
  status(): Promise<Status>;
  /** A name such as `payments-2` or `redis`, a service, or `services`; it stays down until it is started. */
  stop(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** @param waits whether it resolves only when all are ready */
  startAgain(name: string, waits: boolean): Promise<void>;
  /**
   * Restarts a service's processes one after the other, each ready before the next one stops. A service with
   * a single process gets a temporary second replica meanwhile, where it may have two.
   */
  restart(name: string, say: Say): Promise<void>;
  scale(service: string, count: number): Promise<void>;
  /** Stops the processes, then the servers. */
  end(): Promise<void>;
};

type SuperviseStackOptions = {
  folder: string;
  state: StackState;
  definitions: readonly AnyServiceDefinition[];
  say: Say;
};

/**
 * The units that a stack runs at the moment.
 * @param listed is called with all of them when one is added or removed
 */
const openUnits = (folder: string, say: Say, listed: (units: readonly Unit[]) => void) => {
  let all: SupervisedUnit[] = [];
  const onChange = () => {
    const processes = all.flatMap(({ unit, pid }): RunningProcess[] => {
      const id = pid();
      const identity = id === null ? null : identityOf(id);
      if (id === null || identity === null) return [];
      return [{ name: unit.name, kind: unit.kind, pid: id, identity, signal: unit.stopSignal }];
    });
    writeProcessList(folder, processes);
  };
  const onReady = (unit: Unit) => {
    if (unit.kind === 'server') for (const one of all) one.retryNow();
  };
  return {
    all: (): readonly SupervisedUnit[] => all,
    /** Servers in the order of their start, then processes by name. */
    status: async (): Promise<UnitStatus[]> => {
      const statuses = await Promise.all(all.map((one) => one.status()));
      const processes = statuses.filter(({ kind }) => kind === 'process');
      const byName = processes.toSorted((one, other) => one.name.localeCompare(other.name));
      return [...statuses.filter(({ kind }) => kind === 'server'), ...byName];
    },
    run: (unit: Unit): SupervisedUnit => {
      const one = superviseUnit(unit, { say, onChange, onReady });
      all.push(one);
      listed(all.map((other) => other.unit));
      one.start();
      return one;
    },
    /** @throws Error with all names where none matches */
    find: (name: string): SupervisedUnit[] => {
      const found = all.filter(({ unit: { name: own, service, kind } }) =>
        name === ALL_SERVICES ? kind === 'process' : own === name || service === name,
      );
      const names = all.map(({ unit }) => unit.name).join(', ');
      if (found.length === 0) throw new Error(`Nothing here is called ${name}; there are ${names}.`);
      return found;
    },
    stop: async (units: readonly SupervisedUnit[]): Promise<void> => {
      await Promise.all(units.map((one) => one.stop()));
    },
    remove: async (units: readonly SupervisedUnit[]): Promise<void> => {
      await Promise.all(units.map((one) => one.stop()));
      all = all.filter((one) => !units.includes(one));
      listed(all.map(({ unit }) => unit));
    },
  };
};

/** Restarts units one after the other, each ready before the next one stops. */
const restartEach = async (units: readonly SupervisedUnit[], report: Say): Promise<void> => {
  for (const one of units) {
    report(`restarting ${one.unit.name}`);
    await one.stop();
    one.start();
    await one.ready();
  }
};

/** Stops processes, then servers. Brokers sign off at the register of nodes, which stops last. */
const stopInOrder = async (units: ReturnType<typeof openUnits>): Promise<void> => {
  const ofKind = (kind: Unit['kind']) => units.all().filter(({ unit }) => unit.kind === kind);
  await units.stop(ofKind('process'));
  await units.stop(ofKind('server').filter(({ unit }) => unit.name !== REGISTER));
  await units.stop(ofKind('server'));
};

/** The numbers of the gateways among these. */
const gatewaysOf = (units: readonly SupervisedUnit[]): number[] =>
  units
    .filter(({ unit }) => unit.service === GATEWAY)
    .map(({ unit }) => Number(unit.name.slice(GATEWAY.length + 1)))
    .sort((one, other) => one - other);

/** @throws Error with all names when there is no such service */
const definitionOf = (
  service: string,
  definitions: readonly AnyServiceDefinition[],
): AnyServiceDefinition => {
  const definition = definitions.find(({ contract }) => contract.service === service);
  const services = definitions.map(({ contract }) => contract.service).join(', ');
  if (!definition) throw new Error(`There is no service ${service}; there are ${services}.`);
  return definition;
};

/** nginx in front of the gateways among the units. */
const edgeOf = (folder: string, state: StackState, units: ReturnType<typeof openUnits>) => {
  const { unit, useGateways } = nginxUnit(folder, state);
  /** Gives nginx the gateways that there are now, without those that are to end. */
  const refresh = (ended: readonly SupervisedUnit[] = []): Promise<void> =>
    useGateways(gatewaysOf(units.all().filter((one) => !ended.includes(one))));
  return {
    refresh,
    start: async (): Promise<SupervisedUnit> => {
      await refresh();
      return units.run(unit);
    },
    remove: async (ended: readonly SupervisedUnit[]): Promise<void> => {
      await refresh(ended);
      await units.remove(ended);
    },
  };
};

const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

/** The processes that a service has above a number of replicas, and the replicas that it lacks. */
const changeTo = (count: number, service: string, units: readonly SupervisedUnit[]) => {
  const here = units.filter(({ unit }) => unit.service === service);
  const names = numbersTo(count).map((at) => processName(service, at));
  return {
    tooMany: here.filter(({ unit }) => !names.includes(unit.name)),
    missing: numbersTo(count).filter((at) => !here.some(({ unit }) => unit.name === names[at - 1])),
  };
};

/** Makes and stores the secrets of processes that do not run yet. */
const keepSecrets = ({ folder, state, definitions }: SuperviseStackOptions): void => {
  operatorVariables(definitions, state);
  writeState(folder, state);
};

/** Runs one stack. */
export const superviseStack = (options: SuperviseStackOptions): SupervisedStack => {
  const { folder, state, definitions, say } = options;
  const units = openUnits(folder, say, (all) => {
    if (state.observe) writeTargets(folder, all);
  });
  let ending = false;

  const edge = edgeOf(folder, state, units);

  const runProcess = (definition: AnyServiceDefinition, replica: number): SupervisedUnit =>
    units.run(processUnit(definition, replica, { folder, state }));

  const scale = async (service: string, count: number): Promise<void> => {
    const definition = definitionOf(service, definitions);
    checkReplicas(service, count);
    state.replicas[service] = count;
    const { tooMany, missing } = changeTo(count, service, units.all());
    const added = missing.map((at) => runProcess(definition, at));
    writeState(folder, state);
    await Promise.all([...added.map((one) => one.ready()), edge.remove(tooMany)]);
    await edge.refresh();
  };

  const restart: SupervisedStack['restart'] = async (name, report) => {
    const found = units.find(name);
    const isSingle = found.length === 1 && replicasMaxOf(name) > 1;
    const single = definitions.filter(({ contract }) => isSingle && contract.service === name);
    const extraReplicas = single.map((definition) => runProcess(definition, 2));
    try {
      for (const one of extraReplicas) await one.ready();
      await edge.refresh();
      await restartEach(found, report);
    } finally {
      await edge.remove(extraReplicas);
    }
  };

  return {
    start: async () => {
      await startServers({ folder, state, definitions, run: units.run, say });
      if (ending) return;
      if (state.serversOnly) return keepSecrets(options);
      const started = definitions.flatMap((definition) =>
        numbersTo(replicasOf(state, definition.contract.service)).map((at) => runProcess(definition, at)),
      );
      writeState(folder, state);
      if (state.observe) started.push(units.run(prometheusUnit(folder, state)));
      await Promise.all([...started, await edge.start()].map((one) => one.ready()));
    },
    status: async () => {
      const { name, base } = state;
      return { name, base, supervisorPid: process.pid, units: await units.status() };
    },
    stop: async (name, signal) => {
      await Promise.all(units.find(name).map((one) => one.stop(signal)));
    },
    startAgain: async (name, waits) => {
      const found = units.find(name);
      for (const one of found) one.start();
      if (waits) await Promise.all(found.map((one) => one.ready()));
    },
    restart,
    scale,
    end: async () => {
      ending = true;
      await stopInOrder(units);
      deleteProcessList(folder);
    },
  };
};
