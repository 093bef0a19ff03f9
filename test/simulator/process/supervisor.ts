import type { EventHandle } from '../time/virtual-time.js';
import { type Machine, type OrdinisProcess, startProcess } from './ordinis-process.js';
import { ProcessLife } from './process-life.js';

const DOWN_MS = [50, 8_000] as const;
const LOOK_MS = 2_000;
const STEP_MS = 90_000;

/** Starts Ordinis again whenever it has died, and sees to it that it dies. */
export class Supervisor {
  readonly #machine: Machine;
  readonly #processes: OrdinisProcess[] = [];
  #waiting: (() => void)[] = [];
  #look: EventHandle | null = null;
  deaths = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  start(): void {
    this.#boot();
    this.#lookAgain();
  }

  end(): void {
    this.#look?.cancel();
    this.#processes.at(-1)?.life.die();
    // Nothing runs any more; but signals that somebody listens to are kept until they are aborted.
    for (const { life } of this.#processes) life.closing.abort();
  }

  /** The process that is up and has started in order. */
  get ready(): OrdinisProcess | null {
    const last = this.#processes.at(-1);
    if (last === undefined || !last.life.isAlive) return null;
    const outcome = last.startup();
    return outcome === 'running' || outcome === 'halted' ? last : null;
  }

  /** Calls once, as soon as a process is up. */
  whenReady(call: () => void): void {
    this.#waiting.push(call);
  }

  get replays(): number {
    return this.#processes.reduce((total, { worker }) => total + worker.replays, 0);
  }

  #boot(): void {
    const { time } = this.#machine;
    const bootEpoch = this.#processes.length + 1;
    const life = new ProcessLife(bootEpoch, () => this.#died(life));
    time.after(0, { owner: life, label: `${life.name} starts` }, () => {
      const onReady = (): void => this.#announce();
      this.#processes.push(startProcess(this.#machine, life, onReady));
    });
  }

  #announce(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) this.#machine.time.after(1, { owner: null, label: '' }, call);
  }

  #died(life: ProcessLife): void {
    const { time, faults, chance } = this.#machine;
    this.deaths += 1;
    time.note(`${life.name} is dead`);
    const downMs = faults.isOn ? chance.between(...DOWN_MS) : 500;
    time.after(downMs, { owner: null, label: '' }, () => this.#boot());
  }

  /** Now and then, while faults happen, somebody kills the process, or sets the machine's clock. */
  #lookAgain(): void {
    const { time, faults, clock, chance } = this.#machine;
    if (!faults.isOn) return;
    this.#look = time.after(LOOK_MS * chance.between(0.5, 1.5), { owner: null, label: '' }, () => {
      if (faults.hits('process_death', { weight: 0.6 })) this.#processes.at(-1)?.life.die();
      if (faults.hits('clock_step', { weight: 0.3 })) {
        clock.step(Math.round(faults.chanceOf('clock_step').between(-STEP_MS, STEP_MS)));
      }
      this.#lookAgain();
    });
  }
}
