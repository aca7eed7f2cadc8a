'use strict'

const { HEADERS } = require('./exchange')

/** Those who look on; one more is asked to come again later. */
const MOST_WATCHERS = 100
/** Bytes that may wait for one who reads too slowly, before he is left. */
const MOST_WAITING = 1024 * 1024
/** Milliseconds between two messages at least; what changes meanwhile is told together. */
const PAUSE = 100
/** Milliseconds of silence after which a sign of life is sent, so that proxies and dead connections are noticed. */
const SILENCE = 15000

/** Tells everybody who looks on what there is to see, as server-sent events. */
class Feed {
  constructor (picture, history) {
    this.picture = picture
    this.history = history
    this.watchers = new Set()
    this.pause = null
    this.due = false
    this.hasNews = false
    this.timer = setInterval(() => this.send(':\n\n'), SILENCE)
    this.timer.unref()
  }

  /** Whether there is room for one more. */
  get hasRoom () {
    return this.watchers.size < MOST_WATCHERS
  }

  add ({ socket }, response) {
    response.writeHead(200, Object.assign({}, HEADERS, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' }))
    socket.endure()
    socket.setNoDelay(true)
    this.watchers.add(response)
    response.on('close', () => this.watchers.delete(response))
    response.write(`retry: 2000\n\n${message('history', this.history.shown())}${message('state', this.picture.shown())}`)
  }

  /** Something may look different, and `hasNews` where it is worth remembering. */
  refresh (hasNews) {
    if (this.watchers.size === 0) return
    this.hasNews = this.hasNews || hasNews
    if (this.pause) this.due = true
    else this.tell()
  }

  tell () {
    this.due = false
    this.pause = setTimeout(() => {
      this.pause = null
      if (this.due) this.tell()
    }, PAUSE)
    this.pause.unref()
    this.send((this.hasNews ? message('history', this.history.shown()) : '') + message('state', this.picture.shown()))
    this.hasNews = false
  }

  send (text) {
    const bytes = Buffer.from(text)
    for (const response of this.watchers) {
      const { socket } = response
      if (socket && socket.writableLength > MOST_WAITING) socket.destroy()
      else response.write(bytes)
    }
  }

  stop () {
    clearInterval(this.timer)
    clearTimeout(this.pause)
    for (const response of this.watchers) response.end()
    this.watchers.clear()
  }
}

/** JSON has no line ends, which would end a message. */
function message (event, value) {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`
}

module.exports = Feed
