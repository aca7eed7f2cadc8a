'use strict'

const { failure } = require('./error')
const { isBusy } = require('./reply')

/**
 * A call that may be asked twice: of the daemon in use, and, if that fails, once more of the next good one.
 *
 * With `hedgeAfter` the second is asked as soon as the first has been silent for so long, and the first good reply is
 * the answer. What the daemon in use answers, an error too, is what the pool would have without us, and ends the matter;
 * an error of the second counts only when the first has nothing to say.
 */
class Read {
  constructor (view, attempt, call, hedgeAfter, done) {
    this.view = view
    this.attempt = attempt
    this.call = call
    this.done = done
    this.first = view.current()
    this.second = null
    this.pending = new Map()
    this.troubles = []
    this.spare = null
    this.hedge = hedgeAfter === false ? null : setTimeout(hedge, hedgeAfter, this)
    this._ask(this.first)
  }

  _ask (daemon) {
    this.pending.set(daemon, this.attempt(daemon, this.call, (failure, reply) => this._hear(daemon, failure, reply)))
  }

  /** Asks the next good daemon, where there is one. */
  _askSecond () {
    if (this.second || this.view.mode() === 'single') return
    this.second = this.view.good().find(daemon => !isSame(daemon, this.first)) || null
    if (this.second) this._ask(this.second)
  }

  _hear (daemon, failed, reply) {
    if (!this.done) return
    this.pending.delete(daemon)
    const trouble = failed || troubleIn(reply, this.call, daemon)
    if (trouble) this._missed(daemon, trouble)
    else if (reply.error && daemon !== this.first && this.pending.size > 0) this.spare = reply
    else this._answer(reply.error, reply.result)
  }

  _missed (daemon, trouble) {
    this.view.suspect(daemon)
    if (daemon === this.first) this.troubles.unshift(trouble)
    else this.troubles.push(trouble)
    this._askSecond()
    if (this.pending.size > 0) return
    if (this.spare) this._answer(this.spare.error)
    else this._answer(told(this.troubles))
  }

  _answer (error, result) {
    const done = this.done
    this.done = null
    clearTimeout(this.hedge)
    // Whoever was outrun by a second that was asked for its silence deserves a look: it may hang.
    if (this.pending.has(this.first)) this.view.suspect(this.first)
    for (const attempt of this.pending.values()) attempt.abandon()
    if (error) done(error)
    else done(null, result)
  }
}

function hedge (read) {
  read._askSecond()
}

/** Why a reply is no answer, if it is none. */
function troubleIn (reply, call, daemon) {
  if (isBusy(reply)) return reply.error || failure('BUSY', call.method, daemon, 'is busy')
  // A pool reads members of the result unasked.
  if (!reply.error && reply.result === null) return failure('REPLY', call.method, daemon, 'answered nothing')
  return null
}

/** The trouble of the daemon in use; a message of ours also tells the second daemon's. */
function told ([first, second]) {
  if (second && first instanceof Error) first.message += `; ${second.message}`
  return first
}

function isSame (one, other) {
  return one.host === other.host && one.port === other.port
}

module.exports = Read
