'use strict'

const { RpcError, failure, nameOf, wordsOf } = require('./error')
const { isBusy } = require('./reply')

/**
 * A block that was found, and is offered to every daemon that could take it until one does.
 *
 * Daemons that give no answer are tried again for `limits.submitFor` ms, after pauses of `limits.submitPauses` ms (the
 * last of which repeats); each time the view is asked anew, so that a daemon that comes back gets it too. A daemon that
 * refused is not asked again. Offers under way when one accepts go on, unheard.
 *
 * `done(error)`, or `done(null, { accepted, refused, result })` with the result of the daemon that accepted.
 */
class Submission {
  constructor (view, attempt, call, limits, done) {
    this.view = view
    this.attempt = attempt
    this.call = call
    this.limits = limits
    this.done = done
    this.offers = new Map()
    this.rounds = 0
    this.isLastRound = false
    this.pause = null
    this.limit = setTimeout(beginLastRound, limits.submitFor, this)
    this._beginRound()
  }

  _beginRound () {
    const { submitPauses } = this.limits
    this._offerToAll()
    this.pause = setTimeout(beginRound, submitPauses[Math.min(this.rounds, submitPauses.length - 1)], this)
    this.rounds += 1
  }

  _beginLastRound () {
    this.isLastRound = true
    clearTimeout(this.pause)
    this._offerToAll()
  }

  /** Offers it to all that have no say yet: also to those that failed and that the view has given up since. */
  _offerToAll () {
    this._offer(this.view.current())
    for (const daemon of this.view.submitTargets()) this._offer(daemon)
    for (const { daemon } of this._offersThat(FAILED)) this._offer(daemon)
  }

  _offer (daemon) {
    const offer = this._offerOf(daemon)
    if (offer.state !== FAILED) return
    offer.state = PENDING
    this.attempt(daemon, this.call, (failed, reply) => this._hear(offer, failed, reply))
  }

  /** An offer that was never made counts as one that failed. */
  _offerOf (daemon) {
    const name = nameOf(daemon)
    if (!this.offers.has(name)) this.offers.set(name, { daemon, state: FAILED, error: null })
    return this.offers.get(name)
  }

  _hear (offer, failed, reply) {
    const trouble = failed || troubleIn(reply, this.call, offer.daemon)
    offer.error = trouble || refusalIn(reply, this.call, offer.daemon)
    offer.state = trouble ? FAILED : offer.error ? REFUSED : ACCEPTED
    if (trouble) this.view.suspect(offer.daemon)
    if (!this.done) return
    if (offer.state === ACCEPTED) this._succeed(reply.result)
    else this._giveUpIfHopeless()
  }

  /** Nobody is left to try once all have refused, or once those that gave no answer have had their time. */
  _giveUpIfHopeless () {
    const isAllRefused = this._offersThat(REFUSED).length === this.offers.size
    if (isAllRefused) this._offerToAll()
    if (this._offersThat(PENDING).length > 0) return
    if (isAllRefused || this.isLastRound) this._end(this._error())
  }

  _succeed (result) {
    const accepted = this._offersThat(ACCEPTED).map(offer => offer.daemon)
    this._end(null, { accepted, refused: this._refusals(), result })
  }

  _end (error, outcome) {
    const done = this.done
    this.done = null
    clearTimeout(this.pause)
    clearTimeout(this.limit)
    done(error, outcome)
  }

  _error () {
    const refused = this._refusals()
    const failed = this._offersThat(FAILED).map(({ daemon, error }) => ({ daemon, error }))
    const sentences = [
      ...refused.map(({ daemon, error }) => `${nameOf(daemon)} refused: ${wordsOf(error)}`),
      ...failed.map(({ error }) => wordsOf(error))
    ]
    const [name, what] = refused.length > 0
      ? ['REFUSED', 'no daemon took the block']
      : ['UNREACHABLE', `no daemon answered within ${this.limits.submitFor} ms`]
    return new RpcError(name, `${this.call.method}: ${what}: ${sentences.join('; ')}`, { refused, failed })
  }

  _refusals () {
    return this._offersThat(REFUSED).map(({ daemon, error }) => ({ daemon, error }))
  }

  _offersThat (state) {
    return Array.from(this.offers.values()).filter(offer => offer.state === state)
  }
}

const [PENDING, FAILED, REFUSED, ACCEPTED] = ['pending', 'failed', 'refused', 'accepted']

function beginRound (submission) {
  submission._beginRound()
}

function beginLastRound (submission) {
  submission._beginLastRound()
}

/** A busy daemon has not judged the block. */
function troubleIn (reply, call, daemon) {
  return isBusy(reply) ? failure('BUSY', call.method, daemon, 'is busy') : null
}

function refusalIn ({ error, result }, call, daemon) {
  if (error) return error
  const status = result === null ? undefined : result.status
  return status === undefined || status === 'OK' ? null : failure('REFUSED', call.method, daemon, `answered ${JSON.stringify(status)}`)
}

/** The error as a single daemon would give it: the words of the first that refused, with everything else beside them. */
function asDaemonSays (error) {
  const [first] = error.refused
  if (!first) return error
  error.message = wordsOf(first.error)
  if (first.error.code !== undefined) error.code = first.error.code
  return error
}

module.exports = { Submission, asDaemonSays }
