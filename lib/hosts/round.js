'use strict'

/** Milliseconds that Redis has for one batch of commands. */
const LIMIT = 2000

/**
 * Sends commands to Redis, one batch at a time, and gives up waiting after a while.
 *
 * A client keeps what it has sent to a Redis that hangs. So nothing is sent while anything of the last batch is still unanswered, however long that
 * takes: what is kept there never grows beyond one batch.
 */
class Round {
  constructor (client) {
    this.client = client
    this.unanswered = 0
    this.isLate = false
    this.timer = null
    this.give = null
    this.stopped = false
  }

  get isOver () {
    return this.unanswered === 0
  }

  /** Calls back once with `(error)`, or with `(null, replies)`; a reply may be an error, such as one about a single key. */
  ask (commands, callback) {
    const replies = []
    const give = this.give = (error, replies) => {
      if (this.give !== give) return
      this.give = null
      clearTimeout(this.timer)
      this.isLate = error !== null
      if (!this.stopped) callback(error, replies)
    }
    this.unanswered = commands.length
    this.isLate = false
    // What has arrived while the process was busy is read first.
    this.timer = setTimeout(() => setImmediate(() => setImmediate(give, new Error(`Redis did not answer within ${LIMIT} ms`))), LIMIT)
    this.timer.unref()
    commands.forEach((words, index) => this.client.send(words, (error, reply) => {
      replies[index] = error || reply
      this.unanswered--
      if (this.unanswered === 0) give(null, replies)
    }))
  }

  stop () {
    this.stopped = true
    clearTimeout(this.timer)
  }
}

module.exports = Round
