/** How the server and the way to it behave: delays, and what gets lost. */
export interface ServerWeather {
  /** From a task being there to a worker having it. */
  dispatchMs(): number;
  /** From a worker being done to the server knowing it. */
  reportMs(): number;
  losesActivityResult(): boolean;
  /** A workflow task is decided and its answer never arrives. */
  losesTaskAnswer(): boolean;
  /** The worker drops the workflow from its memory after a task. */
  evictsWorkflow(): boolean;
  delaysSignalMs(): number;
  repeatsSignal(): boolean;
  /** What becomes of a call of a client. */
  callOutcome(): 'done' | 'refused' | 'done_then_lost';
  /** After how many events of history a workflow is asked to continue as new. */
  readonly historyEventsMax: number;
}
