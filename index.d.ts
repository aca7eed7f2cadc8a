// Times are milliseconds since 1970, durations are milliseconds, heights are block indexes (the genesis block is 0),
// hashes are 64 lower-case hex digits.
import { EventEmitter } from 'events'

/** Where the pool sends its requests. Frozen, and the same object until the next switch. */
export interface Daemon {
  readonly host: string
  readonly port: number
  /** Whether requests go over https. */
  readonly tls: boolean
}

/** How a daemon was judged. The pool uses only a `healthy` one, if there is one. */
export type State = 'unknown' | 'healthy' | 'unhealthy' | 'unresponsive'

/** `multi`: the feature is active. `single`: too few daemons are healthy, and the pool works with one. */
export type Mode = 'single' | 'multi'

/** Why a daemon is not healthy: a closed list, for programs. README's chapter Troubleshooting tells what each means and what to do. */
export type ReasonCode =
  | 'wrong-network' | 'invalid-reply' | 'unsupported' | 'damaged' | 'no-json-rpc' | 'outdated' | 'isolated' | 'forked' | 'lagging' | 'stalled' | 'syncing' | 'no-work' | 'draining'
  | 'unconfirmed'
  | 'timeout' | 'refused' | 'reset' | 'dns' | 'tls' | 'http-status'

/** One daemon in the pool's config.json. */
export interface DaemonConfig {
  /** A host name or an IP address. */
  host: string
  /** The RPC port, 1 to 65535; a string of digits is taken too. */
  port: number | string
  /** Whether to speak https. Default: true on port 443, otherwise false, as in turtle-pool. */
  tls?: boolean
  /** Listen to a turtlecoind-ha in front of this daemon: its events (socket.io 2) have the daemon polled at once. `true`, or its
   *  port (default: RPC port + 1) and its password, without which it tells of blocks only. Over wss where `tls` is true. Default: false.
   *
   *  Leave the password out unless you have to hear of `down` and `desync`: with a client that knows it, the `error` event of
   *  turtlecoind-ha 0.22.1 calls itself without end when its TurtleCoind dies, so that it takes all memory and restarts nothing. Blocks,
   *  which help most, need no password. Without one, or with an empty one, none is ever sent. */
  ha?: boolean | { port?: number; password?: string }
  /** What its RPC asks for, as 'user:password' (monerod's --rpc-login): HTTP Digest or Basic, for polls, for requests through the gateway and for found blocks. Default: none. */
  login?: string
  /** Start drained: watched, without a vote, and used only when nothing else answers. Default: false. */
  drain?: boolean
}

/** The `multiDaemon` block of the pool's config.json. */
export interface MultiDaemonConfig {
  /** Whether to watch at all. While false, no native code is loaded and the primary is always the answer. */
  enabled: boolean
  /** The daemons besides the primary, in order of preference. */
  daemons: DaemonConfig[]
  /** Time from one poll of all daemons to the next, in milliseconds; polls out of turn, when one has a new block or fails, come on top. Default: 5000. */
  pollingInterval?: number
  /** Time limit of one try of a poll. Default: 2000. */
  timeout?: number
  /** Failed tries in a row that make a daemon unresponsive. Default: 2. */
  maxPollingFailures?: number
  /** Good polls in a row that make a bad daemon healthy again. Default: 2. */
  recoveryPolls?: number
  /** Healthy daemons, the primary included, below which the mode is `single`. Default: 3. */
  minHealthy?: number
  /** A lag of more blocks than this counts at once. Default: 3. */
  maxDeviance?: number
  /** Any lag that lasts longer than this counts too. Default: 12000. */
  devianceGrace?: number
  /** No new block for so long, while other daemons have some, is `stalled`. Default: 10 block targets. */
  stallAfter?: number
  /**
   * Connections to peers other than the configured daemons that have to be proven, or the daemons are `isolated`. 0 turns that off,
   * for private networks. Default: 1.
   */
  minOutsidePeers?: number
  /** Which daemon is used in `single` mode: the primary whatever its state, or the best that answers. Default: 'primary'. */
  fallback?: 'primary' | 'best'
  /** How long the primary has to be healthy before the pool returns to it, in milliseconds; false disables it. Default: false. */
  failback?: number | false
  /**
   * A template or another read that takes longer, or three times as long as a daemon usually takes (but not less than 50), is asked of a second
   * daemon as well; false disables it. In milliseconds. Default: 500.
   */
  hedgeAfter?: number | false
  /** Has no effect any more. */
  rpcTimeout?: number
  /**
   * Where the process that decides takes requests for daemons: the pool's own, which find it by themselves, and those of wallets, explorers and pools
   * in other languages. `true`: at a port of 127.0.0.1 that the system chooses. false: nowhere; the pool asks the daemon in use by itself. Default: true.
   */
  gateway?: boolean | {
    /** A fixed port for other programs; 0 for any. Default: 0. */
    port?: number | string
    /** An address of this machine. One that other machines can reach takes a password. Default: '127.0.0.1'. */
    host?: string
    /** What clients have to show there: as the password of Basic, for any user, or as a Bearer token. The pool's own processes need none. */
    password?: string
  }
  /** Where the process that decides serves the status page over HTTP; see docs/operating.md. Default: nowhere. */
  status?: {
    port: number | string
    /** Default: '127.0.0.1'. One that other machines can reach takes a password. */
    host?: string
    /**
     * With it, everything but `/healthz` and `/readyz` takes it: as the password of Basic, for any user, or as a Bearer token. After a wrong one, the next
     * ones from that address (IPv6: from its /64), right or wrong, are looked at once a second; those that would wait longer than ten get status 429.
     */
    password?: string
  }
  /** An http or https URL. The process that decides posts each switch to it, and each block that was accepted and lost; see docs/operating.md. */
  webhook?: string
}

/** The pool's whole config.json; members that are not named here are ignored. */
export interface PoolConfig {
  /** The primary: the daemon the pool has always used. */
  daemon: DaemonConfig
  multiDaemon?: MultiDaemonConfig
  /** Seconds the network takes for a block. Default: 30. */
  coinDifficultyTarget?: number
  [other: string]: unknown
}

/**
 * Why a daemon is not healthy. `message` is for people, `code` for programs.
 *
 * Evidence, by code: `lagging` has `by` (blocks); `forked` has `at` (the first height that differs; where the message says "or
 * below", the lowest one that was seen to differ or was shown at all), `depth` (blocks on its side since), `with` and `against` (the voters on either side, as host:port); `syncing` has `height` and
 * `networkHeight` (null where the daemon does not tell); `stalled` has `lasting` (milliseconds); `unconfirmed` has `above` (blocks above the head);
 * `isolated` has `incoming` and `outgoing` (connections); `outdated` has `upgrade` (the height of the first upgrade of the network that its software
 * does not support) and `supported` (that of the last one that it does); `no-work` has `cause`: what it gives in the place of a block template (`unsynced`: it has
 * to be synchronised first; `busy`; `error`: an error or no answer; `empty`: no template; `stale`: one on a block below the head).
 */
export interface Reason {
  code: ReasonCode
  message: string
  [evidence: string]: unknown
}

/**
 * TurtleCoind 0.8 to 0.28; 0.3 to 0.6 and what answers like it; 1.0, which has no JSON-RPC; monerod and what answers like it; what answers
 * header calls over JSON-RPC and shows no node info, such as bytecoind 3. The page on rules has a table of all families.
 */
export type Dialect = 'turtlecoin' | 'turtlecoin-legacy' | 'turtlecoin-1.0' | 'monerod' | 'headers-only'

/** One daemon in a snapshot. A member is null until it is known. */
export interface DaemonStatus {
  host: string
  port: number
  tls: boolean
  /** Whether it is the pool's own `daemon`. */
  primary: boolean
  /** Whether it was drained, whatever its reason says. */
  drained: boolean
  state: State
  reason: Reason | null
  /** The tip's height. */
  height: number | null
  /** The tip's hash. */
  hash: string | null
  /** Blocks behind the head; negative above it. Null without a fresh view. */
  lag: number | null
  /** The height that its peers claim; proves nothing by itself. */
  networkHeight: number | null
  /** Connections that peers opened to it; null where the daemon hides the count. */
  incoming: number | null
  /** Connections that it opened; null where the daemon hides the count. */
  outgoing: number | null
  /** The family of its software, as far as it matters for how it is asked. */
  dialect: Dialect | null
  /** Its software's version. */
  version: string | null
  /** Duration of the last good poll. */
  latency: number | null
  /** When it last answered. */
  lastSeen: number | null
  /** Failed tries since it last answered. */
  consecutiveFailures: number
  /** Requests that the gateway has sent to it. A request that two daemons were asked counts for both. */
  requests: number
}

/** The requests that the gateway took since watching began, by what became of them. Several may stand for one question of a client that asks again. */
export interface RequestCounts {
  /** The daemon that was asked first gave what was asked for. */
  answered: number
  /** Another daemon gave it. */
  rescued: number
  /** The gateway itself answered "ask again", because the daemons disagree (`hold`). */
  held: number
  /** No daemon gave it: the client got an error, or the answer that came closest. */
  failed: number
  /** The client closed the connection before there was an answer. */
  abandoned: number
  /** How often a second daemon was asked because the first one was slow. */
  hedges: number
}

/** One process of a pool that attach() was called in, or one of its workers. */
export interface ProcessStatus {
  pid: number
  /** The number of the cluster worker; null for the process that decides. */
  worker: number | null
  /** What the pool calls it (`workerType` in its environment), such as `pool` or `api`; null where the pool does not tell. */
  role: string | null
  /** Since when the process that decides has known it. */
  since: number
  /** Whether it called attach(). A worker that did not asks the primary by itself. */
  attached: boolean
  /** When its code last read `config.daemon`, to within 5 seconds: pools read it for each request. Null if never. */
  asked: number | null
}

/** Why the daemon in use changed: a closed list, fit for a metric's label. */
export type SwitchCode = ReasonCode | 'start' | 'failback' | 'fallback' | 'recovered' | 'overtaken' | 'unsteady' | 'pinned' | 'unpinned' | 'reconfigured'

/** Another daemon is in use. */
export interface SwitchEvent {
  from: Daemon
  to: Daemon
  code: SwitchCode
  /** A sentence for people. */
  reason: string
  /** Voters on the branch, and all voters, at the end of the last round; a voter below a fork point counts for neither side. */
  votes: { branch: number; all: number }
  mode: Mode
  epoch: number
  at: number
}

/** What pin() said, for as long as it holds. */
export interface Pin {
  daemon: Daemon
  /** When it ends by itself. */
  until: number
}

/** A block that the pool submitted through the gateway, and what has become of it. */
export interface BlockFate {
  /** Counted from 0 since watching began. */
  id: number
  /** When it was submitted. */
  at: number
  /** Its height; null until that is known. */
  height: number | null
  /** Its hash; null until a daemon has shown it in its chain. */
  hash: string | null
  /** What the pool was told: `accepted`, a daemon took it or it is in the chain; `refused`; `unknown`, nobody said within 30 seconds; `pending`, nothing yet. */
  told: 'pending' | 'accepted' | 'refused' | 'unknown'
  /** The daemon that said that it took it. */
  by: Daemon | null
  /** In how many daemons' chains it has been seen. */
  seen: number
  /** How many blocks stand on it in the chain of the daemon in use; null until it was seen there. Not counted beyond 20. */
  depth: number | null
  /** Whether another block has its place, with three or more on top of that. It may come back. */
  orphaned: boolean
}

/** Everything that is known at one moment. */
export interface Status {
  enabled: boolean
  mode: Mode
  /** Multi mode, and more than half of the voters on the branch. */
  quorum: boolean
  /**
   * Do not trust orphan marks and confirmations now: the voters disagree without a strict majority for the branch in use, or
   * the daemon in use is forked or isolated. Never true only because fewer than `minHealthy` daemons are healthy.
   */
  hold: boolean
  /** Starts at the time watching began and grows by one with every switch. */
  epoch: number
  current: Daemon
  primary: Daemon
  /** Where the pool is pinned to. */
  pin: Pin | null
  /** The highest block of the branch that at least two voters stand on or above. */
  head: { height: number; hash: string } | null
  /** How many daemons the pool may use; two names of one daemon count once. */
  healthy: number
  /** The primary first, then configuration order. Empty when disabled. */
  daemons: DaemonStatus[]
  /** The latest 50, oldest first. */
  switches: SwitchEvent[]
  /** Polls that ended, of all daemons together. */
  polls: number
  /** What the operator should know about the configuration, for as long as it is true. */
  warnings: string[]
  /** The last 100 blocks that the pool submitted, the oldest first. */
  blocks: BlockFate[]
  /** Where the pool's own processes send their requests; null where they ask the daemon in use by themselves. */
  gateway: { host: string; port: number } | null
  /** What became of the requests that the gateway took, as of the latest poll. */
  requests: RequestCounts
  /** The process that decides, and its cluster's workers; after attach(), in the process that decides and in those that follow it. */
  processes?: ProcessStatus[]
  /** In getStatus() of the process that decides and of those that follow it, with `webhook` in the configuration. */
  webhook?: WebhookStatus
}

/** What has become of the switches that were to be posted, since the process started. */
export interface WebhookStatus {
  /** Switches still to be posted; never more than 50. */
  waiting: number
  /** Switches that the server took. */
  delivered: number
  /** Tries that failed. */
  failures: number
  /** Switches given up: five further tries failed too, the server refused them for good, or too many were waiting. */
  lost: number
}

/** What the constructor throws for a configuration that cannot be used. */
export interface ConfigError extends TypeError {
  code: 'ERR_MULTI_DAEMON_CONFIG'
  /** Each names the member and the value. */
  mistakes: string[]
}

/** What drain(), undrain(), pin(), unpin() and reconfigure() throw; nothing was changed. */
export interface OrderError extends Error {
  /**
   * `ERR_MULTI_DAEMON_ARGUMENT`: no such daemon, or no such time. `ERR_MULTI_DAEMON_STOPPED`: after stop(). `ERR_MULTI_DAEMON_DISABLED`: nothing
   * is watched. `ERR_MULTI_DAEMON_NO_MASTER`: on a worker that has lost its master. `ERR_MULTI_DAEMON_WORKER`: not in a worker.
   */
  code: string
}

/** Watches a pool's daemons and tells which one to use. */
export class MultiDaemon extends EventEmitter {
  /**
   * Starts watching at once when `multiDaemon.enabled` is true; otherwise loads no native code, starts nothing, and always
   * answers the primary. Watching alone does not keep the process alive.
   *
   * @throws {ConfigError} naming every mistake found.
   * @throws {Error} with code ERR_MULTI_DAEMON_NATIVE where the compiled part is missing or does not load.
   */
  constructor (config: PoolConfig)

  /** Resolves after the first round of polls; at once when disabled. Never rejects. Keeps the process alive until then. */
  readonly ready: Promise<Status>

  /** The daemon to use now. Never throws, never waits, never empty; also right while the event loop is blocked. */
  getDaemon (): Daemon

  /** The last snapshot, a copy of the caller's own. */
  getStatus (): Status

  /**
   * What is known and counted as text for Prometheus, as `/metrics` of the status page gives it. On a worker it leaves out what
   * only its master counts: polls, votes and switches.
   */
  metrics (): string

  /** Polls every daemon now; resolves with the snapshot that follows. Never rejects. */
  refresh (): Promise<Status>

  /** Ends all polling. Safe to call twice. getDaemon() keeps answering the last daemon. On a worker it ends the worker's part only. */
  stop (): Promise<void>

  /**
   * A drop-in for the pools' own `rpcDaemon`; works detached from the object. Calls back `(error, result)`, where a JSON-RPC
   * error is the error as it came; without a callback it gives a Promise.
   *
   * Asks through the gateway, as the pool's own code does; see docs/gateway.md. Without a gateway it asks the daemon in use, once. At
   * most 120 seconds. Errors of its own have a code that begins with ERR_MULTI_DAEMON_RPC_.
   */
  rpc (method: string, params: unknown, callback?: (error: unknown, result?: any) => void): Promise<any> | void

  /** Changes whenever block templates from before are worthless: at a switch, and when the head moves without growing. */
  readonly work: number

  /** `getStatus().hold`, for little cost. */
  readonly hold: boolean

  /**
   * Takes a daemon out of use, for maintenance: it is watched, but has no vote, and is used only when nothing else answers, even in `single` mode
   * and even if it is the primary. Blocks that were found may still be offered to it. It is in force when the call returns, and lasts until
   * undrain() or the end of the process. A cluster worker leaves it to the master, and sees it with the master's next message.
   *
   * @throws {OrderError}
   */
  drain (host: string, port: number): void

  /**
   * Ends drain(), and `drain` in the configuration. A daemon that was well meanwhile is healthy at once; the pool does not return to it for that.
   *
   * @throws {OrderError}
   */
  undrain (host: string, port: number): void

  /**
   * Makes getDaemon() answer one daemon for so long (a whole number from 1 to 2592000000, 30 days), whatever its state, the mode and everything else; takes the
   * place of a pin from before. When it ends, by itself or by unpin(), the pool uses what it would use without it. It is in force when the
   * call returns, also before the first round of polls has ended. A cluster worker leaves it to the master, and sees it with the master's next message.
   *
   * @throws {OrderError}
   */
  pin (host: string, port: number, milliseconds: number): void

  /**
   * Ends the pin, if there is one.
   *
   * @throws {OrderError}
   */
  unpin (): void

  /**
   * Goes on with another configuration: the pool's whole one again. What is known of daemons that stay (same host, port and tls) is kept, wherever they
   * are in it: state, history, connections; so are drain() and pin(), unless it says something else than before about
   * draining a daemon. A daemon in use that is gone is left at once, with code `reconfigured`. Thresholds count from now on; the status page
   * and the webhook go on undisturbed where nothing changed about them. It is in force when the call returns.
   *
   * With `enabled` false, or without the block, the feature is switched off as if it had never been on: the primary, and no polls; with `enabled`
   * true it is switched on again, and starts anew. A `daemon` block that attach() writes counts as what stood in it before.
   *
   * @throws {ConfigError} naming every mistake; nothing was changed.
   * @throws {OrderError} after stop(), and in a cluster worker, where the configuration is the master's (ERR_MULTI_DAEMON_WORKER).
   */
  reconfigure (config: PoolConfig): void

  /** Another daemon is in use; getDaemon() already answers it. */
  on (event: 'switch', listener: (event: SwitchEvent) => void): this
  /** A daemon's state or reason code changed. */
  on (event: 'daemon', listener: (daemon: DaemonStatus, before: State) => void): this
  /** The mode changed. */
  on (event: 'mode', listener: (mode: Mode, status: Status) => void): this
  /** `hold` changed. */
  on (event: 'hold', listener: (hold: boolean, status: Status) => void): this
  /** What the pool was told of a block that it submitted is settled. In the process that decides only, as is `lost`. */
  on (event: 'submitted', listener: (block: BlockFate) => void): this
  /** A block that was taken has lost its place in the chain. */
  on (event: 'lost', listener: (block: BlockFate) => void): this
  /** The head moved. */
  on (event: 'block', listener: (head: { height: number; hash: string }) => void): this
}

/** How a pool is attached to. */
export interface AttachOptions {
  /** Where transitions are logged, as turtle-pool's `global.log` takes them. Default: lines on stderr. */
  log?: (severity: 'info' | 'warn' | 'error', system: string, text: string, data?: unknown[]) => void
  /**
   * The path of the pool's config file (from the working directory, unless it is absolute), which is read again whenever it changes, as for reconfigure(). Editors may replace it, or write into it; a file that cannot be
   * used is left aside as a whole, with a line in the log. Only the master does it: in a worker the option is ignored. Default: none.
   */
  watch?: string
}

/**
 * Attaches to the pool of this process: one call per process, after the pool has read its config, in the master and in every
 * worker. Makes `config.daemon.host` and `.port` name the gateway of the process that decides, so that every request of the pool's own code, by
 * whatever library, goes where it should; with `gateway` false they read as the daemon in use at every look. The master decides for all its
 * workers. A second call gives what the first gave.
 *
 * A cluster worker whose master has not attached (pm2's cluster mode, or a cluster that somebody else started) decides for itself, with a gateway of its
 * own, until a master speaks. What there can be but one of is left out there, and the log says so once: it serves no status page, posts to no webhook and
 * watches no file. drain() and pin() are its own; reconfigure() throws ERR_MULTI_DAEMON_WORKER. A mistake in its configuration stops nothing: it is
 * logged once, as an error, and the primary is used. For all of it without a master, start the pool as one process (pm2's fork mode).
 *
 * Null, and nothing touched, when the block is missing or not enabled.
 *
 * @throws {ConfigError} (or, for another option, an error with code ERR_MULTI_DAEMON_ARGUMENT) in the master or a lone process; a cluster worker logs and follows the master instead.
 */
export function attach (config: PoolConfig, options?: AttachOptions): MultiDaemon | null

/** What attach() returned in this process; null before. */
export function current (): MultiDaemon | null
