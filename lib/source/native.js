'use strict'

const { ConfigError, isEnabled, toJson } = require('../config')
const binary = require('./binary')
const Waiting = require('./waiting')

/** @typedef {import('./contract').Source} Source */

/**
 * The source while the feature is on: native code that watches the daemons on a thread of its own.
 * @implements {Source}
 */
class Native {
  /**
   * `ear` is held weakly; `say` may be left out; `mistakesIn(config)` knows what else would be a mistake here.
   * @param {import('./contract').PoolConfig} config
   * @param {import('./contract').Ear} ear
   * @param {(severity: import('./contract').Severity, text: string) => void} [say]
   * @param {(config: import('./contract').PoolConfig) => string[]} [mistakesIn]
   */
  constructor (config, ear, say = emitWarning, mistakesIn = () => []) {
    this.mistakesIn = mistakesIn
    const json = this.check(config)
    this.watcher = new binary.Watcher(json, listener(new binary.Weak(this), new binary.Weak(ear)))
    this.generation = this.watcher.generation()
    this.shared = isShared(this.watcher)
    this.stopped = false
    this.watches = true
    this.decides = true
    this.firstRound = new Waiting()
    this.refreshes = new Map()
    this.requests = 0
    this.say = say
    this.watcher.warnings().forEach(text => say('warn', text))
  }

  current () {
    return this.watcher.current()
  }

  status () {
    return JSON.parse(this.watcher.status())
  }

  holds () {
    return this.watcher.holds()
  }

  gateway () {
    return this.watcher.gateway()
  }

  isBusy () {
    return this.watcher.isBusy()
  }

  isSubmitting () {
    return this.watcher.isSubmitting()
  }

  /** The configuration as native code takes it. */
  check (config) {
    const json = toJson(config)
    const mistakes = binary.configMistakes(json).concat(this.mistakesIn(config))
    if (mistakes.length > 0) throw new ConfigError(mistakes)
    return json
  }

  /** Goes on with another configuration, unless it switches the feature off: then there has to be another source. */
  reconfigure (config, sourceOf) {
    if (!isEnabled(config)) return sourceOf(config)
    this.watcher.reconfigure(this.check(config))
    return this
  }

  /** Null after stop(). */
  figures () {
    const json = this.watcher.figures()
    return json === null ? null : JSON.parse(json)
  }

  /** It counts its own switches. */
  inherit () {}

  isReady () {
    return this.firstRound.ended
  }

  ready () {
    this.firstRound.hold(this)
    return this.firstRound.promise
  }

  refresh () {
    if (this.stopped) return Promise.resolve(this.status())
    const request = ++this.requests
    const waiting = new Waiting()
    waiting.hold(this)
    this.refreshes.set(request, waiting)
    this.watcher.refresh(request)
    return waiting.promise
  }

  stop () {
    if (!this.stopped) {
      this.stopped = true
      this.watcher.stop()
      const status = this.status()
      this.firstRound.end(status)
      for (const waiting of this.refreshes.values()) waiting.end(status)
      this.refreshes.clear()
    }
    return Promise.resolve()
  }

  drain ({ host, port }, drained) {
    this.watcher.drain(host, port, drained)
  }

  pin ({ host, port }, milliseconds) {
    this.watcher.pin(host, port, milliseconds)
  }

  unpin () {
    this.watcher.unpin()
  }

  /** Takes what is for the source itself. */
  take (changes) {
    for (const change of changes) {
      if (change.event === 'warning') this.say('warn', change.text)
      if (change.event === 'log') this.say(change.severity, change.text)
      if (change.event === 'ready') this.firstRound.end(change.status)
      if (change.event === 'refreshed') this.endRefresh(change.request, change.status)
    }
  }

  endRefresh (request, status) {
    const waiting = this.refreshes.get(request)
    this.refreshes.delete(request)
    if (waiting) waiting.end(status)
  }
}

/** Where there is no log, only what is wrong is worth a line. */
function emitWarning (severity, text) {
  if (severity !== 'info') process.emitWarning(text, 'MultiDaemonWarning')
}

/** Native code keeps its listener alive, so the listener must not keep alive what has to be collected for native code to end. */
function listener (weakSource, weakEar) {
  return function hear (json) {
    const [source, ear] = [weakSource.deref(), weakEar.deref()]
    if (!source || source.stopped) return
    const { changes, status } = JSON.parse(json)
    for (const change of changes) if (TELL_STATUS.has(change.event)) change.status = status
    source.take(changes)
    if (ear) ear.hear(changes)
  }
}

/** The changes that come with the snapshot since. */
const TELL_STATUS = new Set(['ready', 'mode', 'hold', 'refreshed'])

/** Whether this runtime shows native memory itself; some show a copy, which would never move. */
function isShared (watcher) {
  const scratch = watcher.scratch()
  scratch[0] = 1
  const seenByNative = watcher.swapScratch(2) === 1
  return seenByNative && scratch[0] === 2
}

module.exports = Native
