'use strict'

const { ConfigError, toJson } = require('./config')
const native = require('./native')

/** The source while the feature is on: native code that watches the daemons on a thread of its own. */
class Watch {
  constructor (config, owner) {
    const json = toJson(config)
    const mistakes = native.configMistakes(json)
    if (mistakes.length > 0) throw new ConfigError(mistakes)
    this.watcher = new native.Watcher(json, listener(new native.Weak(this), new native.Weak(owner)))
    this.generation = this.watcher.generation()
    this.shared = isShared(this.watcher)
    this.stopped = false
    this.firstRound = new Waiting()
    this.refreshes = new Map()
    this.requests = 0
    for (const text of this.status().warnings) process.emitWarning(text, 'MultiDaemonWarning')
  }

  current () {
    return this.watcher.current()
  }

  status () {
    return JSON.parse(this.watcher.status())
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

  /** Takes what is for the source itself; gives whether the change is for the owner's listeners. */
  takes (change) {
    if (change.event === 'ready') {
      this.firstRound.end(change.status)
      return true
    }
    if (change.event === 'refreshed') {
      const waiting = this.refreshes.get(change.request)
      this.refreshes.delete(change.request)
      if (waiting) waiting.end(change.status)
      return true
    }
    return false
  }
}

/** A promise that keeps the process alive while somebody waits for it. */
class Waiting {
  constructor () {
    this.promise = new Promise(resolve => { this.resolve = resolve })
    this.timer = null
    this.ended = false
  }

  /** The timer does nothing but exist; it also keeps its source from being collected. */
  hold (source) {
    if (!this.timer && !this.ended) this.timer = setInterval(() => source, LONGEST_TIMER)
  }

  end (status) {
    this.ended = true
    clearInterval(this.timer)
    this.timer = null
    this.resolve(status)
  }
}

const LONGEST_TIMER = 0x7fffffff

/** Native code keeps its listener alive, so the listener must not keep alive what has to be collected for native code to end. */
function listener (source, owner) {
  return function hear (json) {
    announce(JSON.parse(json), source.deref(), owner.deref())
  }
}

function announce (changes, source, owner) {
  for (const change of changes) {
    if (!source || source.stopped) return
    try {
      if (!source.takes(change) && owner) owner._announce(change)
    } catch (error) {
      // A listener's error is the process's to handle, as with any emitter; thrown later, it loses no other change, and
      // no other error.
      process.nextTick(() => { throw error })
    }
  }
}

/** Whether this runtime shows native memory itself; some show a copy, which would never move. */
function isShared (watcher) {
  const scratch = watcher.scratch()
  scratch[0] = 1
  const seenByNative = watcher.swapScratch(2) === 1
  return seenByNative && scratch[0] === 2
}

module.exports = Watch
