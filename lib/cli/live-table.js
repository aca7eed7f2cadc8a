'use strict'

const Log = require('../attach/log')

const { poolLines } = require('./pool-lines')
const Screen = require('./screen')
const { daemonLines, summaryOf } = require('./table')

/** Milliseconds between two looks. Only what changed is drawn. */
const INTERVAL = 500
/** More lines than a screen has. */
const MOST_LINES = 200

/** The table of the daemons, drawn again whenever it changes, over the latest lines of the log. */
class LiveTable {
  constructor (out, keys, { paint, status, leave }) {
    this.paint = paint
    this.status = status
    this.lines = []
    this.timer = null
    this.pool = null
    this.screen = new Screen(out, keys, { left: leave, resized: () => this.draw() })
    /** Takes changes, as the log of a pool does. */
    this.log = new Log((severity, system, text, [line]) => this.note(line))
  }

  open () {
    this.screen.enter()
    this.timer = setInterval(() => this.draw(), INTERVAL)
    this.draw()
  }

  close () {
    clearInterval(this.timer)
    this.screen.leave()
  }

  /** What the pool that runs tells of itself; null where none does. */
  notePool (pool) {
    this.pool = pool
  }

  note (line) {
    this.lines.push(`${new Date().toTimeString().slice(0, 8)} ${line}`)
    if (this.lines.length > MOST_LINES) this.lines.shift()
  }

  draw () {
    const { columns, rows } = this.screen
    const status = this.status()
    const pool = this.pool ? poolLines(this.pool, Date.now()).concat('').map(plain) : []
    const table = [plain(summaryOf(status)), plain('')].concat(daemonLines(status), plain(''), pool)
    const room = rows - table.length
    const latest = room > 0 ? this.lines.slice(-room) : []
    const lines = table.concat(latest.map(text => ({ style: 'dim', text }))).map(line => this.fitted(line, columns))
    this.screen.draw(lines)
  }

  /** Cut before it is painted, so that a colour always ends. */
  fitted ({ style, text }, columns) {
    const cut = text.length > columns ? `${text.slice(0, columns - 1)}>` : text
    return style && cut ? this.paint(style, cut) : cut
  }
}

function plain (text) {
  return { style: null, text }
}

module.exports = LiveTable
