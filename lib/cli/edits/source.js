'use strict'

const vm = require('vm')

/** A file of a pool as lines, each with its own end, so that what is not edited stays byte by byte. */
class Source {
  /** @param {Buffer} bytes */
  constructor (bytes) {
    // One character a byte: whatever the encoding, it comes back as it was.
    this.raw = bytes.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) || []
    this.lines = this.raw.map(line => line.replace(/\r?\n$/, ''))
    this.text = this.lines.join('\n')
    /** The text, in which comments that have lines of their own are blank. */
    this.code = this.text.replace(/^[ \t]*(?:\/\/.*|\/\*[^]*?\*\/)/gm, comment => comment.replace(/[^\n]/g, ' '))
    this.semicolon = this.lines.filter(line => /;[ \t]*$/.test(line)).length > this.lines.length / 10 ? ';' : ''
  }

  /** The number of the line that has a place in the text, from 0. */
  lineOf (offset) {
    return this.text.slice(0, offset).split('\n').length - 1
  }

  indentOf (line) {
    return /^[ \t]*/.exec(this.lines[line] || '')[0]
  }

  /** With changes: `{ from, to, lines }`, in their order, each in the place of the lines from `from` to before `to`. */
  with (changes) {
    const parts = []
    let at = 0
    for (const { from, to, lines } of changes) {
      const end = this.endAt(from)
      parts.push(...this.raw.slice(at, from), ...lines.map(line => line + end))
      at = to
    }
    return Buffer.from(parts.concat(this.raw.slice(at)).join(''), 'latin1')
  }

  /** How lines end around a line. */
  endAt (line) {
    return /\r\n$/.test(this.raw[Math.max(0, line - 1)]) ? '\r\n' : '\n'
  }
}

/** What is wrong with a script, as Node.js loads it; null where nothing is. Nothing of it runs. */
function mistakeIn (bytes, name) {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '').replace(/^#!.*/, '')
  try {
    // A module may return.
    return new vm.Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, { filename: name }) && null
  } catch (error) {
    return String(error.message).split('\n')[0]
  }
}

module.exports = { Source, mistakeIn }
