'use strict'

/** Lines of context around a change. */
const CONTEXT = 3

/** The lines of a unified diff, as `{ style, text }`; `patch -p1` takes them. */
function diffOf (name, source, changes) {
  const lines = [{ style: 'bold', text: `--- a/${name}` }, { style: 'bold', text: `+++ b/${name}` }]
  let shift = 0
  for (const hunk of hunksOf(changes, source.lines.length)) {
    lines.push.apply(lines, linesOf(hunk, source, shift))
    shift += hunk.changes.reduce((sum, { from, to, lines }) => sum + lines.length - (to - from), 0)
  }
  return lines
}

/** Changes whose contexts meet are one hunk. */
function hunksOf (changes, length) {
  const hunks = []
  for (const change of changes) {
    const last = hunks[hunks.length - 1]
    const from = Math.max(0, change.from - CONTEXT)
    const to = Math.min(length, change.to + CONTEXT)
    if (last && from <= last.to) {
      last.changes.push(change)
      last.to = to
    } else {
      hunks.push({ from, to, changes: [change] })
    }
  }
  return hunks
}

function linesOf ({ from, to, changes }, source, shift) {
  const lines = []
  const keep = (start, end) => {
    for (let line = start; line < end; line++) lines.push(shown(' ', source, line))
  }
  let at = from
  for (const change of changes) {
    keep(at, change.from)
    for (let line = change.from; line < change.to; line++) lines.push(shown('-', source, line))
    for (const text of change.lines) lines.push({ style: 'healthy', text: `+${readable(text)}` })
    at = change.to
  }
  keep(at, to)
  const grown = changes.reduce((sum, { from, to, lines }) => sum + lines.length - (to - from), 0)
  return [{ style: 'cyan', text: `@@ -${from + 1},${to - from} +${from + shift + 1},${to - from + grown} @@` }].concat(lines)
}

function shown (sign, source, line) {
  const rest = line === source.raw.length - 1 && !/\n$/.test(source.raw[line]) ? '\n\\ No newline at end of file' : ''
  return { style: sign === '-' ? 'unresponsive' : null, text: sign + readable(source.lines[line]) + rest }
}

/** A line of bytes as text, without what could command a terminal. */
function readable (line) {
  return Buffer.from(line, 'latin1').toString('utf8').replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '?')
}

module.exports = { diffOf }
