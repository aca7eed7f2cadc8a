// Times are milliseconds since 1970, durations are milliseconds, heights are block indexes (the genesis block is 0),
// hashes are 64 lower-case hex digits.
import { EventEmitter } from 'events'

/** The daemon that the pool uses. The object is frozen, and stays the same until the next switch. */
export interface Daemon {
  readonly host: string
  readonly port: number
  /** Whether requests go over https. */
  readonly tls: boolean
}

/** The addon's verdict on a daemon. The pool uses a `healthy` daemon, if there is one. */
export type State = 'unknown' | 'healthy' | 'unhealthy' | 'unresponsive'

/** `multi`: the feature is active. `single`: too few daemons are healthy, and the pool works with one. */
export type Mode = 'single' | 'multi'

/** Why a daemon is not healthy: a closed list, for programs. The chapter Troubleshooting of README.md explains each, and what to do. */
export type ReasonCode =
  | 'wrong-network' | 'invalid-reply' | 'unsupported' | 'damaged' | 'no-json-rpc' | 'outdated' | 'isolated' | 'forked' | 'lagging' | 'stalled' | 'syncing' | 'no-work' | 'draining'
  | 'unconfirmed'
  | 'timeout' | 'refused' | 'reset' | 'dns' | 'tls' | 'http-status'

/** One daemon in the pool's config.json. */
export interface DaemonConfig {
  /** A host name or an IP address. */
  host: string
  /** The RPC port, 1 to 65535, as a number or a string of digits. */
  port: number | string
  /** Whether to use https. Default: true on port 443, otherwise false, as in turtle-pool. */
  tls?: boolean
  /** Listen to a turtlecoind-ha in front of this daemon: after each of its events (socket.io 2) the addon polls the daemon at once. `true`, or the
   *  port (default: RPC port + 1) and password of turtlecoind-ha. Without the password it announces only blocks. With `tls` the connection uses wss. Default: false.
   *
   *  Leave the password out unless you need `down` and `desync`: while a client with the password listens, the `error` event of
   *  turtlecoind-ha 0.22.1 calls itself endlessly when its TurtleCoind dies; turtlecoind-ha then takes all memory and restarts nothing. Announcements of blocks,
   *  which help most, need no password. The addon sends no password if this one is missing or empty. */
  ha?: boolean | { port?: number; password?: string }
  /** The login of its RPC, as 'user:password' (monerod's --rpc-login): HTTP Digest or Basic, for polls, for requests through the gateway and for found blocks. Default: none. */
  login?: string
  /** Start drained: the addon polls the daemon, but it has no vote, and the pool uses it only when no other daemon answers. Default: false. */
  drain?: boolean
}

/** The `multiDaemon` block of the pool's config.json. */
export interface MultiDaemonConfig {
  /** Whether the addon is on. While false, it loads no native code, and getDaemon() always returns the primary. */
  enabled: boolean
  /** The other daemons, without the primary, in order of preference. */
  daemons: DaemonConfig[]
  /** Time from one poll of all daemons to the next, in milliseconds. When one daemon has a new block or fails, the addon polls the others in between too. Default: 5000. */
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
  /** A daemon that gets no new block for this long, while other daemons do, is `stalled`. Default: 10 block targets. */
  stallAfter?: number
  /**
   * The daemons must prove this many connections to peers that are not configured daemons, or they are `isolated`. 0 disables the check,
   * for private networks. Default: 1.
   */
  minOutsidePeers?: number
  /** Which daemon the pool uses in mode `single`: the primary, whatever its state, or the best daemon that answers. Default: 'primary'. */
  fallback?: 'primary' | 'best'
  /** How long the primary has to be healthy before the pool returns to it, in milliseconds; false disables it. Default: false. */
  failback?: number | false
  /**
   * When a template or another read takes longer than this, or three times as long as the daemon usually takes (but at least 50), the gateway asks a second
   * daemon too; false disables that. In milliseconds. Default: 500.
   */
  hedgeAfter?: number | false
  /** Has no effect any more. */
  rpcTimeout?: number
  /**
   * Where the process that decides takes requests: those of the pool, which finds the gateway automatically, and those of wallets, explorers and pools
   * in other languages. `true`: at a port of 127.0.0.1 that the system chooses. false: there is no gateway, and the pool asks the daemon in use directly. Default: true.
   */
  gateway?: boolean | {
    /** A fixed port for other programs; with 0 the system chooses one. Default: 0. */
    port?: number | string
    /** An address of this machine. An address that other machines can reach needs a password. Default: '127.0.0.1'. */
    host?: string
    /** Clients must send it: as the password of HTTP Basic with any user name, or as a Bearer token. The pool's own processes need no password. */
    password?: string
  }
  /** Where the process that decides serves the status page over HTTP; see docs/operating.md. Default: nowhere. */
  status?: {
    port: number | string
    /** Default: '127.0.0.1'. An address that other machines can reach needs a password. */
    host?: string
    /**
     * With a password, every path needs it except `/healthz` and `/readyz`: as the password of HTTP Basic with any user name, or as a Bearer token. After a wrong password
     * the page checks only one password per second from that address (IPv6: from its /64). A request that would wait longer than ten seconds gets status 429.
     */
    password?: string
  }
  /** An http or https URL. The process that decides posts each switch to it, and each block that was accepted and lost; see docs/operating.md. */
  webhook?: string
}

/** The pool's whole config.json. The addon ignores members that are not named here. */
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
 * Evidence, by code: `lagging` has `by` (blocks); `forked` has `at` (the first height that differs; if the message says "or
 * below", the lowest height that is known to differ or that the daemon showed), `depth` (blocks on its side since), `with` and `against` (the voters on either side, as host:port); `syncing` has `height` and
 * `networkHeight` (null if the daemon does not show it); `stalled` has `lasting` (milliseconds); `unconfirmed` has `above` (blocks above the head);
 * `isolated` has `incoming` and `outgoing` (connections); `outdated` has `upgrade` (the height of the first upgrade of the network that its software
 * does not support) and `supported` (that of the last one that it does); `no-work` has `cause`: what it gives instead of a block template (`unsynced`: it has
 * to be synchronised first; `busy`; `error`: an error or no answer; `empty`: no template; `stale`: one on a block below the head).
 */
export interface Reason {
  code: ReasonCode
  message: string
  [evidence: string]: unknown
}

/**
 * TurtleCoind 0.8 to 0.28; TurtleCoind 0.3 to 0.6 and software with the same answers; TurtleCoind 1.0, which has no JSON-RPC; monerod and software with the same answers; software that answers
 * header calls over JSON-RPC and shows no node info, such as bytecoind 3. docs/how-it-decides.md has a table of all families.
 */
export type Dialect = 'turtlecoin' | 'turtlecoin-legacy' | 'turtlecoin-1.0' | 'monerod' | 'headers-only'

/** One daemon in a snapshot. A member is null until it is known. */
export interface DaemonStatus {
  host: string
  port: number
  tls: boolean
  /** Whether it is the pool's own `daemon`. */
  primary: boolean
  /** Whether an operator drained it. Its reason may be another one. */
  drained: boolean
  state: State
  reason: Reason | null
  /** The tip's height. */
  height: number | null
  /** The tip's hash. */
  hash: string | null
  /** Blocks behind the head; negative above it. Null without a fresh view. */
  lag: number | null
  /** The height that its peers claim. A claim proves nothing. */
  networkHeight: number | null
  /** Connections that peers opened to it; null where the daemon hides the count. */
  incoming: number | null
  /** Connections that it opened; null where the daemon hides the count. */
  outgoing: number | null
  /** The family of its software: the addon asks each family in its own way. */
  dialect: Dialect | null
  /** Its software's version. */
  version: string | null
  /** Duration of the last good poll. */
  latency: number | null
  /** When it last answered. */
  lastSeen: number | null
  /** Failed tries since it last answered. */
  consecutiveFailures: number
  /** What its polls have shown so far, and the limits that follow from it. */
  learnt: Learnt
  /** Requests that the gateway has sent to it. A request that two daemons were asked counts for both. */
  requests: number
}

/** What was learnt of one daemon, in milliseconds. It starts anew with each start of the addon. */
export interface Learnt {
  /** How long it usually takes to answer a poll; null while too little is known. */
  answerTime: number | null
  /** How long the next try of a poll may take; `timeout` at most. Null where the one that decides is too old to tell. */
  timeLimit: number | null
  /** How long after the others it usually shows a block; null while too little is known. */
  blockDelay: number | null
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
  /** How often another daemon was asked because those asked before were slow. */
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
  /** Voters on the branch, and all voters, at the end of the last round; a voter below a fork point counts for neither side. The daemon that was left may be one of them; `reason` counts only the others, at the moment of the switch. */
  votes: { branch: number; all: number }
  mode: Mode
  epoch: number
  at: number
}

/** A pin that pin() ordered and that has not ended. */
export interface Pin {
  daemon: Daemon
  /** When it ends by itself. */
  until: number
}

/** A block that the pool submitted through the gateway, and what has become of it. */
export interface BlockFate {
  /** The first block since watching began has 0, the next one 1. */
  id: number
  /** When it was submitted. */
  at: number
  /** Its height; null until that is known. */
  height: number | null
  /** Its hash; null until a daemon has shown it in its chain. */
  hash: string | null
  /** The gateway's answer to the pool: `accepted`, a daemon accepted the block or it is in the chain; `refused`; `unknown`, no daemon gave a clear answer within 30 seconds, or the primary none within five minutes where only it may be asked; `pending`, no answer yet. */
  told: 'pending' | 'accepted' | 'refused' | 'unknown'
  /** Whether it was refused because it came too late: another block had its place in the chain, and no daemon was offered it. */
  late: boolean
  /** The daemon that said that it accepted the block. */
  by: Daemon | null
  /** How many daemons had it in their chains. Daemons that catch up later are counted until 20 blocks are on top of it; the number never falls. */
  seen: number
  /** How many blocks are on top of it in the chain of the daemon in use, up to 20; null until that chain has shown it. */
  depth: number | null
  /** Whether another block has its place, with three or more blocks on top of that one. The block may come back. Always false of a block that was refused. */
  orphaned: boolean
}

/** One host of a pool, as it told the others of itself. Times are by the clock of the host that is asked. */
export interface HostStatus {
  /** Option `host` of attach(); otherwise made of the machine's name. */
  name: string
  /** Whether it is the host that is asked. */
  self: boolean
  /** Whether nothing was heard of it for 15 seconds; after an hour it is forgotten. */
  silent: boolean
  /** When it was last heard of. */
  lastSeen: number
  /** The addon's version there. */
  version: string
  enabled: boolean
  mode: Mode
  hold: boolean
  /** The daemon in use there; 127.0.0.1 is that host's own. */
  current: Daemon
  pin: Pin | null
  /** At most 16. */
  drained: Array<{ host: string; port: number }>
  head: { height: number; hash: string } | null
  /** How many daemons it may use, of so many. */
  healthy: number
  daemons: number
  /** The last 10 blocks that this host submitted (fewer where host names are very long), the oldest first. `id` counts on each host for itself. */
  blocks: BlockFate[]
}

/** All that the addon knows at one moment. */
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
  /** The pin that an operator ordered; null without one. */
  pin: Pin | null
  /** The highest block of the branch that at least two voters stand on or above. */
  head: { height: number; hash: string } | null
  /** The number of healthy daemons; two names of one daemon count once. */
  healthy: number
  /** The primary first, then configuration order. Empty when disabled. */
  daemons: DaemonStatus[]
  /** The latest 50, oldest first. */
  switches: SwitchEvent[]
  /** Polls that ended, of all daemons together. */
  polls: number
  /** Problems of the configuration, upgrades that are due, and that no daemon gives block templates: sentences for the operator, while it is so. */
  warnings: string[]
  /** The last 100 blocks that the pool submitted, the oldest first. */
  blocks: BlockFate[]
  /** The address of the gateway for the pool's own processes; null if they ask the daemon in use directly. */
  gateway: { host: string; port: number } | null
  /** What became of the requests that the gateway took, as of the latest poll. */
  requests: RequestCounts
  /** The process that decides, and its cluster's workers; after attach(), in the process that decides and in those that follow it. */
  processes?: ProcessStatus[]
  /** In getStatus() of the process that decides and of those that follow it, with `webhook` in the configuration. */
  webhook?: WebhookStatus
  /** The hosts that share orders, this one first, the others by name. In getStatus() of the process that decides and of those that follow it, with option `redis` of attach(). */
  hosts?: HostStatus[]
}

/** What became of the events for the webhook since the process started. */
export interface WebhookStatus {
  /** Events that wait to be posted, at most 50. */
  waiting: number
  /** Events that the server accepted. */
  delivered: number
  /** Tries that failed. */
  failures: number
  /** Events that the addon gave up: five further tries failed too, the server refused them finally, or too many events waited. */
  lost: number
}

/** The constructor throws it for a configuration with mistakes. */
export interface ConfigError extends TypeError {
  code: 'ERR_MULTI_DAEMON_CONFIG'
  /** Each text names the member and its value. */
  mistakes: string[]
}

/** drain(), undrain(), pin(), unpin() and reconfigure() throw it. Then nothing has changed. */
export interface OrderError extends Error {
  /**
   * `ERR_MULTI_DAEMON_ARGUMENT`: no such daemon, or no such time. `ERR_MULTI_DAEMON_STOPPED`: after stop(). `ERR_MULTI_DAEMON_DISABLED`: the addon
   * is off. `ERR_MULTI_DAEMON_NO_MASTER`: this worker has lost its master. `ERR_MULTI_DAEMON_WORKER`: a worker cannot do this.
   */
  code: string
}

/** Watches a pool's daemons and chooses the one to use. */
export class MultiDaemon extends EventEmitter {
  /**
   * Starts watching at once when `multiDaemon.enabled` is true. Otherwise it loads no native code, starts nothing, and getDaemon() always
   * returns the primary. Watching alone does not keep the process alive.
   *
   * @throws {ConfigError} which names every mistake.
   * @throws {Error} with code ERR_MULTI_DAEMON_NATIVE if the binary is missing or does not load.
   */
  constructor (config: PoolConfig)

  /** Resolves after the first round of polls; at once when the addon is off. It never rejects. It keeps the process alive until it resolves, if somebody reads it. */
  readonly ready: Promise<Status>

  /** Returns the daemon to use now. It never throws and never waits; its answer is right even while the event loop is blocked. */
  getDaemon (): Daemon

  /** Returns the last snapshot. The caller gets a copy. */
  getStatus (): Status

  /**
   * Returns what `/metrics` of the status page shows, as text for Prometheus. In a worker the text lacks what
   * only the master counts: polls, votes, switches and requests.
   */
  metrics (): string

  /** Polls every daemon now. Resolves with the snapshot after these polls; never rejects. */
  refresh (): Promise<Status>

  /**
   * Ends all polling. You may call it twice. getDaemon() then always returns the last daemon. The gateway takes no more requests: it finishes those that are under
   * way, blocks included, and closes their connections. In a worker it ends only the worker's part.
   */
  stop (): Promise<void>

  /**
   * Replaces the pools' own `rpcDaemon`; you may also call it without the object. It calls back `(error, result)`; a JSON-RPC
   * error is the `error` as the daemon sent it. Without a callback it returns a Promise.
   *
   * It asks through the gateway, as the pool's own code does; see docs/gateway.md. Without a gateway it asks the daemon in use, once. It takes at
   * most 120 seconds; where only the primary may be asked, a block may have its answer later, and `getStatus().blocks` tells it then.
   *
   * Its own errors have the code ERR_MULTI_DAEMON_RPC_ with one of these at the end: ARGUMENT, the arguments are no call; ROUTE, there is a fourth
   * argument; STOPPED, it was called after stop(); CONNECTION, there is no connection, or it broke; TIMEOUT, the whole answer did not come in time;
   * STATUS, an HTTP status other than 200; REPLY, the answer is no JSON-RPC; SIZE, the answer is longer than 4 MiB.
   */
  rpc (method: string, params: unknown, callback?: (error: unknown, result?: any) => void): Promise<any> | void

  /** Grows whenever earlier block templates become worthless: at a switch, and when the head changes without becoming higher. */
  readonly work: number

  /** The same as `getStatus().hold`, but faster. */
  readonly hold: boolean

  /**
   * Takes a daemon out of use, for maintenance: the addon polls it, but it has no vote, and the pool uses it only when no other daemon answers, even in mode `single`
   * and even if it is the primary. The gateway may still offer found blocks to it. The order applies when the call returns, and lasts until
   * undrain() or the end of the process. In a cluster worker the master carries it out, and the worker sees it with the master's next message.
   *
   * @throws {OrderError}
   */
  drain (host: string, port: number): void

  /**
   * Ends drain(), and `drain` in the configuration. A daemon without other problems is healthy at once; the pool does not return to it for that reason.
   *
   * @throws {OrderError}
   */
  undrain (host: string, port: number): void

  /**
   * Makes the pool use one daemon for this many milliseconds (a whole number from 1 to 2592000000, 30 days), whatever its state and the mode. A new pin replaces
   * the one before. When the pin ends, by itself or by unpin(), the pool uses the daemon that it would use without the pin. The order applies when the
   * call returns, also before the first round of polls has ended. In a cluster worker the master carries it out, and the worker sees it with the master's next message.
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
   * Replaces the configuration; `config` is again the pool's whole one. The addon keeps what it knows of daemons that stay (same host, port and tls), at any
   * place in the list: state, history, connections. It also keeps drain() and pin(), unless `drain` of the daemon
   * changes in the configuration. If the daemon in use is gone, the pool leaves it at once, with code `reconfigured`. New thresholds apply from now on. The status page
   * and the webhook continue without interruption if their options did not change. The new configuration applies when the call returns.
   *
   * With `enabled` false, or without the block, the addon is off as if it had never been on: the pool uses the primary, and there are no polls. With `enabled`
   * true it is on again, and starts from the beginning. If attach() has changed a `daemon` block, its earlier content counts.
   *
   * @throws {ConfigError} which names every mistake. Then nothing has changed.
   * @throws {OrderError} after stop(), and in a cluster worker, because only the master may replace the configuration (ERR_MULTI_DAEMON_WORKER).
   */
  reconfigure (config: PoolConfig): void

  /** Another daemon is in use; getDaemon() already returns it. */
  on (event: 'switch', listener: (event: SwitchEvent) => void): this
  /** A daemon's state or reason code changed. */
  on (event: 'daemon', listener: (daemon: DaemonStatus, before: State) => void): this
  /** The mode changed. */
  on (event: 'mode', listener: (mode: Mode, status: Status) => void): this
  /** `hold` changed. */
  on (event: 'hold', listener: (hold: boolean, status: Status) => void): this
  /** The gateway has given the pool its final answer to a block. Only the process that decides has this event and `lost`. */
  on (event: 'submitted', listener: (block: BlockFate) => void): this
  /** A block that was accepted has lost its place in the chain. */
  on (event: 'lost', listener: (block: BlockFate) => void): this
  /** The head moved. */
  on (event: 'block', listener: (head: { height: number; hash: string }) => void): this
}

/** Options of attach(). */
export interface AttachOptions {
  /** A function that logs each change, with the arguments of turtle-pool's `global.log`. Default: lines on stderr. */
  log?: (severity: 'info' | 'warn' | 'error', system: string, text: string, data?: unknown[]) => void
  /**
   * The path of the pool's config file (from the working directory, unless it is absolute). The addon reads it again whenever it changes, as with reconfigure(). Editors may replace the file, or write into it. The addon ignores a file with a
   * mistake, with a line in the log. Only the master reads the file: in a worker the option has no effect. Default: none.
   */
  watch?: string
  /**
   * The pool's own client of Redis, connected or not: redis (node_redis) 2 or 3, redis 5, or ioredis. With it the hosts of one pool share orders (drain, undrain, pin, unpin),
   * found blocks and what each has in use, under keys that begin with `config.coin` and `:multiDaemon:`. Each host goes on deciding for itself, and whatever Redis
   * does or holds ends nothing but the sharing; see docs/operating.md. Only the master uses it: in a worker the option is ignored. Default: nothing is shared.
   */
  redis?: object | null
  /** What this host is called among those that share: up to 64 letters, digits, dots, colons and dashes. Default: the machine's name, and four digits made of the folder and arguments of the process. */
  host?: string
}

/**
 * Attaches the addon to the pool of this process. Call it once per process, after the pool has read its config, in the master and in every
 * worker. It sets `config.daemon.host` and `.port` to the gateway of the process that decides, so that every request of the pool's own code, with
 * any library, goes to the gateway. With `gateway` false they are the daemon in use whenever the pool reads them. The master decides for all its
 * workers. A second call returns the same object.
 *
 * A cluster worker whose master has not called attach() (pm2's cluster mode, or a cluster that another program started) decides for itself, with its own
 * gateway, until a master sends a message. Such a worker serves no status page, posts to no webhook and
 * watches no file; the log says so once. drain() and pin() apply to this worker only; reconfigure() throws ERR_MULTI_DAEMON_WORKER. A mistake in its configuration stops nothing: the worker
 * logs it once, as an error, and uses the primary. To have all functions without a master, start the pool as one process (pm2's fork mode).
 *
 * Returns null and changes nothing when the block is missing or not enabled.
 *
 * @throws {ConfigError} (or, for a wrong option, an error with code ERR_MULTI_DAEMON_ARGUMENT) in the master or in a process without a cluster. A cluster worker logs the mistake and follows the master.
 */
export function attach (config: PoolConfig, options?: AttachOptions): MultiDaemon | null

/** Returns what attach() returned in this process; null before that. */
export function current (): MultiDaemon | null
