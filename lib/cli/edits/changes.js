'use strict'

/** @returns {{ changes: Array<{ from: number, to: number, lines: string[] }>, missing: string[], places: string[] }}  what edits do to a source, and what they do not find */
function changesFor (source, edits) {
  const found = edits.map(edit => placesOf(source, edit))
  const changes = [].concat(...found.map(({ changes }) => changes)).sort((a, b) => a.from - b.from || a.to - b.to)
  const overlap = changes.some(({ from }, index) => index > 0 && from < changes[index - 1].to)
  const missing = [].concat(...found.map(({ missing }) => missing), overlap ? 'two of the places, which are in one line' : [])
  return { changes, missing, places: edits.filter((edit, index) => found[index].changes.length > 0).map(({ what }) => what) }
}

function placesOf (source, edit) {
  const isDone = edit.done.test(source.code)
  if (isDone && !edit.many) return { changes: [], missing: [] }
  const matches = all(edit.anchor, source.code)
  if (matches.length === 0 && !isDone) return { changes: [], missing: [edit.what] }
  if (matches.length > 1 && !edit.many) return { changes: [], missing: [`${edit.what}: it is there ${matches.length} times`] }
  const others = edit.each ? all(edit.each, source.code).length - matches.length - all(edit.done, source.code).length : 0
  if (others > 0) return { changes: [], missing: [`${edit.what}: ${others} more of its kind ${others === 1 ? 'is' : 'are'} there in other words`] }
  return { changes: matches.map(match => changeAt(source, edit, match)), missing: [] }
}

function all (pattern, text) {
  const matches = []
  text.replace(new RegExp(pattern.source, `${pattern.flags}g`), (...args) => {
    matches.push({ text: args[0], start: args[args.length - 2] })
    return args[0]
  })
  return matches
}

function changeAt (source, edit, { text, start }) {
  const from = source.lineOf(start)
  const to = source.lineOf(start + text.length) + 1
  if (edit.change) return replacement(source, edit, { text, start, from, to })
  const indent = source.indentOf(from)
  if (edit.before) return { from, to: from, lines: indented(edit.before(), indent, source.semicolon) }
  if (edit.after) return { from: to, to, lines: indented(edit.after(), indent, source.semicolon) }
  // The block's first line tells how far in its lines are.
  const inner = source.indentOf(to)
  return { from: to, to, lines: indented(edit.inside(stepOf(indent, inner)), inner, source.semicolon) }
}

/** What is added from a line to one in its block. */
function stepOf (outer, inner) {
  return inner.startsWith(outer) && inner.length > outer.length ? inner.slice(outer.length) : '  '
}

function replacement (source, edit, { text, start, from, to }) {
  const before = source.text.slice(source.text.lastIndexOf('\n', start - 1) + 1, start)
  const end = source.text.indexOf('\n', start + text.length)
  const after = source.text.slice(start + text.length, end === -1 ? undefined : end)
  const indent = source.indentOf(from)
  return { from, to, lines: (before + edit.change(text, indent, stepOf(indent, source.indentOf(to))) + after).split('\n') }
}

/** Statements end as the others in the file do. */
function indented (lines, indent, semicolon) {
  return lines.map(line => indent + line + (/[,{]$/.test(line) || (line === '}' && semicolon === '') ? '' : semicolon))
}

module.exports = { changesFor }
