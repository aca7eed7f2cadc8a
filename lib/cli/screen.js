'use strict'

const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const REST_OF_LINE = '\x1b[K'
const REST_OF_SCREEN = '\x1b[J'
/** Terminals that know it show all that is between the two at once; the others ignore it. */
const [HOLD, SHOW] = ['\x1b[?2026h', '\x1b[?2026l']
const CTRL_C = '\x03'

/**
 * A whole terminal to draw on, given back as it was, however the process ends.
 *
 * Nothing is erased before it is drawn over, and a picture that is there already is not drawn again: it does not flicker.
 */
class Screen {
  /** `left()` hears of Ctrl-C and `q`; `resized()` of another size. */
  constructor (out, keys, { left, resized }) {
    this.out = out
    this.keys = keys
    this.left = left
    this.shown = null
    this.entered = false
    this.hear = { data: key => this.press(key), resize: () => { this.shown = null; resized() }, exit: () => this.leave() }
  }

  get columns () {
    return this.out.columns || 80
  }

  get rows () {
    return this.out.rows || 24
  }

  enter () {
    if (this.entered) return
    this.entered = true
    this.shown = null
    this.out.write(ENTER)
    this.out.on('resize', this.hear.resize)
    process.on('exit', this.hear.exit)
    if (!this.keys.isTTY) return
    this.keys.setRawMode(true)
    this.keys.setEncoding('utf8').on('data', this.hear.data).resume()
  }

  leave () {
    if (!this.entered) return
    this.entered = false
    this.out.write(LEAVE)
    this.out.removeListener('resize', this.hear.resize)
    process.removeListener('exit', this.hear.exit)
    if (!this.keys.isTTY) return
    this.keys.removeListener('data', this.hear.data).pause()
    this.keys.setRawMode(false)
  }

  /** Lines that fit; whoever makes them knows how much of a text is colour. */
  draw (lines) {
    const picture = lines.slice(0, this.rows).map(line => line + REST_OF_LINE).join('\r\n')
    if (!this.entered || picture === this.shown) return
    this.shown = picture
    this.out.write(HOLD + HOME + picture + REST_OF_SCREEN + SHOW)
  }

  press (key) {
    if (key === 'q' || key === CTRL_C) this.left()
  }
}

module.exports = Screen
