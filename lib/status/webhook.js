'use strict'

const dns = require('dns')
const http = require('http')
const https = require('https')
const { URL } = require('url')

/** @typedef {import('../source/contract').Part} Part */

/** Milliseconds before each further try: the network is often what has just failed. A quarter of an hour in all. */
const DELAYS = [1000, 5000, 25000, 120000, 600000]
/** Milliseconds that one try may take, from the connection to the status of the reply. */
const LIMIT = 10000
/** Events that are kept while nobody takes them. */
const MOST_WAITING = 50
/** Milliseconds until it is looked again whether the host's address has come. */
const LOOK_AGAIN = 1000
/** The longest time that a server may ask us to wait, in milliseconds. */
const LONGEST_WAIT = 600000

/**
 * Posts every switch, and every block that was taken and lost, to a URL, one after the other in their order, each until it is taken or given up.
 *
 * Nothing waits for it: it keeps no process alive, and no reply is read beyond its status.
 * @implements {Part}
 */
class Webhook {
  /** `say(severity, text)` hears when it begins to fail and when it works again. */
  constructor (url, say, { delays = DELAYS, limit = LIMIT, lookup = dns.lookup } = {}) {
    this.url = new URL(url)
    this.say = say
    this.delays = delays
    this.limit = limit
    this.stopped = false
    this.failing = false
    this.tries = 0
    this.waiting = []
    this.counts = { delivered: 0, failures: 0, lost: 0 }
    this.timer = null
    this.request = null
    /** Questions for the host's address that nobody has answered: Node.js has four threads for them, which the pool needs for its own. */
    this.looking = 0
    this.lookup = (host, options, callback) => {
      this.looking++
      lookup(host, options, (...found) => {
        this.looking--
        callback(...found)
      })
    }
  }

  hear (changes) {
    for (const change of changes) {
      if (change.event === 'switch') this.post(change.switch, change.switch.reason)
      if (change.event === 'lost') this.post({ block: change.block }, sentenceOf(change.block))
    }
  }

  /** As `webhook` in the status. */
  status () {
    return Object.assign({ waiting: this.waiting.length }, this.counts)
  }

  describe (status) {
    status.webhook = this.status()
  }

  /** What waits is lost. */
  stop () {
    this.stopped = true
    this.counts.lost += this.waiting.length
    this.waiting = []
    clearTimeout(this.timer)
    if (this.request) this.request.destroy()
  }

  post (event, sentence) {
    if (this.stopped) return
    this.waiting.push(messageOf(event, sentence))
    // The first is under way, or about to be.
    if (this.waiting.length > MOST_WAITING) {
      this.waiting.splice(1, 1)
      this.counts.lost++
    }
    if (this.waiting.length === 1) this.attempt()
  }

  attempt () {
    if (this.looking > 0) return this.after(LOOK_AGAIN)
    this.tries++
    this.request = send(this, this.waiting[0], (error, reply) => {
      this.request = null
      if (this.stopped) return
      if (error) this.fail(error.message, true)
      else this.judge(reply)
    })
  }

  judge ({ statusCode, headers }) {
    if (statusCode >= 200 && statusCode < 300) return this.succeed()
    const isRedirect = statusCode >= 300 && statusCode < 400
    const later = statusCode >= 500 || statusCode === 429 || statusCode === 408
    this.fail(`HTTP status ${statusCode}${isRedirect ? ', a redirect, which the addon does not follow' : ''}`, later, headers['retry-after'])
  }

  succeed () {
    this.counts.delivered++
    if (this.failing) this.say('info', `webhook ${this.name()} works again`)
    this.failing = false
    this.next()
  }

  /** `later` is whether trying it again may help. */
  fail (why, later, retryAfter) {
    this.counts.failures++
    if (!this.failing) this.say('warn', `webhook ${this.name()} fails: ${why}; from now on failures are only counted, until the webhook works again`)
    this.failing = true
    const delay = this.delays[this.tries - 1]
    if (later && delay !== undefined) return this.after(Math.max(delay, waitOf(retryAfter)))
    this.counts.lost++
    this.next()
  }

  next () {
    this.tries = 0
    this.waiting.shift()
    if (this.waiting.length > 0) this.after(0)
  }

  after (delay) {
    this.timer = setTimeout(() => this.attempt(), delay)
    this.timer.unref()
  }

  /** Whoever knows the whole URL can write there. */
  name () {
    return `${this.url.protocol}//${this.url.host}/…`
  }
}

/** Calls back once: with what went wrong, or with the reply's head. */
function send ({ url, limit, lookup }, body, callback) {
  let timer = null
  const end = (error, reply) => {
    if (!timer) return
    clearTimeout(timer)
    timer = null
    callback(error, reply)
  }
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'POST',
    agent: false,
    lookup,
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), 'User-Agent': 'turtle-pool-multi-daemon' }
  })
  const expire = () => {
    end(new Error(`no answer within ${limit} ms`))
    request.destroy()
  }
  timer = setTimeout(expire, limit)
  timer.unref()
  request.on('socket', socket => socket.unref())
  request.on('response', response => {
    response.on('error', ignore)
    end(null, response)
    // Whatever else it has to say, it may be endless.
    response.destroy()
  })
  request.on('error', end)
  // From Node 14 on, a request that is destroyed without an error says only this.
  request.on('close', () => end(new Error('the connection ended')))
  request.end(body)
  return request
}

function ignore () {}

/** The event, and the sentence where Discord (`content`) and Slack (`text`) look for it. */
function messageOf (event, sentence) {
  // A daemon's own words may be in the sentence: they must not call everybody in a chat room.
  return JSON.stringify(Object.assign({}, event, { content: sentence, text: escaped(sentence), allowed_mentions: { parse: [] } }))
}

function sentenceOf ({ height }) {
  return `The block at ${height} was accepted, but another block has its place in the chain now.`
}

/** As Slack wants it. */
function escaped (text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** The wait that a server asks for, in milliseconds; it may give a date instead, which is left aside. */
function waitOf (retryAfter) {
  const seconds = Number(retryAfter)
  return seconds > 0 ? Math.min(1000 * seconds, LONGEST_WAIT) : 0
}

module.exports = Webhook
