'use strict'

// What feeds a MultiDaemon, and what hangs on to it: types alone. __test__/sources.test.js holds every source against them.

/** @typedef {import('../..').Status} Status */
/** @typedef {import('../..').Daemon} Daemon */
/** @typedef {import('../..').PoolConfig} PoolConfig */

/**
 * Where a MultiDaemon knows from: native code (`native.js`; `onlooker.js` without a gateway), the master's messages
 * (`follower.js`), or nothing but the configuration (`idle.js`).
 *
 * After stop() a source still answers, with what it knew last, and tells nothing any more.
 *
 * @typedef {object} Source
 * @property {ArrayLike<number>} generation  its first number moves after each switch, and is never negative; rebase() tells of another list
 * @property {boolean} shared  whether that number really moves in this runtime; otherwise current() has to be asked each time
 * @property {boolean} watches  whether daemons are watched, so that orders make sense
 * @property {boolean} decides  whether this process judges the daemons by itself, and posts and shows what comes of it
 * @property {boolean} stopped
 * @property {(severity: Severity, text: string) => void} say  hears what is no change, and still something for the operator
 * @property {() => Daemon} current  the daemon in use
 * @property {() => Status} status  one immutable snapshot, the caller's own
 * @property {() => boolean} holds  whether the status says to hold
 * @property {() => ({ host: string, port: number } | null)} gateway  where the pool asks; null where there is no gateway
 * @property {() => boolean} isBusy  whether clients are connected to a gateway of this process: after stop(), those whose requests are under way
 * @property {() => boolean} isSubmitting  whether that has a block of which it is not known yet what becomes of it, also after stop()
 * @property {() => (Figures | null)} figures  what only metrics and the status page need; null where another process has them
 * @property {() => boolean} isReady  whether the first round has ended
 * @property {() => Promise<Status>} ready  resolves once it has, or at stop(); keeps the process alive until then
 * @property {() => Promise<Status>} refresh  polls every daemon, and resolves with what came of it; likewise
 * @property {(daemon: Place, drained: boolean) => void} drain  these three, where it `watches`; otherwise they throw
 * @property {(daemon: Place, milliseconds: number) => void} pin
 * @property {() => void} unpin
 * @property {(config: PoolConfig, sourceOf: SourceOf) => Source} reconfigure  the source that goes on with another configuration: itself, or a
 *   new one; throws, and changes nothing, where that cannot be
 * @property {(switches: Array<import('../..').SwitchEvent>) => void} inherit  takes what led here from the source before; not all keep it
 * @property {() => Promise<void>} stop  may be called again
 */

/**
 * What a source tells. It may hold this weakly: whoever made it keeps it.
 *
 * @typedef {object} Ear
 * @property {(changes: Change[]) => void} hear  what changed, in its order; the source's own answers are the new ones by then
 * @property {() => void} rebase  the source counts by another `generation` from now on
 */

/**
 * What hangs on to a MultiDaemon: status page, webhook, leader, log. Each member is optional.
 *
 * @typedef {object} Part
 * @property {(changes: Change[]) => void} [hear]  before the pool's own listeners do
 * @property {(order: { order: 'drain' | 'undrain' | 'pin' | 'unpin', host?: string, port?: number, milliseconds?: number }) => void} [ordered]  the operator
 *   gave it in this process, and it was carried out
 * @property {(status: Status) => void} [describe]  puts into a status what only this part knows
 * @property {(config: PoolConfig) => void} [reconfigured]  another configuration is in use
 * @property {() => void} [stop]
 */

/**
 * One thing that changed; `event` says what else is there. Native code serialises them (src/status/change.rs), and `differences.js` makes the
 * same from two snapshots.
 *
 * @typedef {{ event: 'switch', switch: import('../..').SwitchEvent }
 *   | { event: 'daemon', daemon: import('../..').DaemonStatus, before: import('../..').State }
 *   | { event: 'drain', daemon: import('../..').DaemonStatus }
 *   | { event: 'pin', pin: import('../..').Pin | null, before: import('../..').Pin | null }
 *   | { event: 'mode', mode: import('../..').Mode, status: Status }
 *   | { event: 'hold', hold: boolean, status: Status }
 *   | { event: 'block', head: { height: number, hash: string } }
 *   | { event: 'gateway', gateway: { host: string, port: number } | null }
 *   | { event: 'submitted' | 'lost', block: import('../..').BlockFate }
 *   | { event: 'ready', status: Status }
 *   | { event: 'refreshed', request: number, status: Status }
 *   | { event: 'warning', text: string }
 *   | { event: 'log', severity: Severity, text: string }} Change
 */

/** @typedef {'info' | 'warn' | 'error'} Severity */
/** @typedef {{ host: string, port: number }} Place */
/** @typedef {(config: PoolConfig) => Source} SourceOf */

/**
 * What native code counts (src/core/counts.rs).
 * @typedef {{ votes: { branch: number, all: number }, minHealthy: number, blockTarget: number, headAge: number | null, switches: Record<string, number>, daemons: DaemonFigures[] }} Figures
 */
/** @typedef {{ top: string | null, blocks: string[], answered: Array<{ most: number | null, count: number }>, time: number, failed: number }} DaemonFigures */

module.exports = {}
