'use strict'

const COLUMNS = ['measured', 'ours', '±', 'unit', 'ratio', 'others', 'beside', 'target']
const LEFT = new Set(['measured', 'unit', 'others', 'beside', 'target'])

/** Figures for people: a table for each benchmark. @param {import('./figure').Figure[]} figures */
function printTable (figures) {
  const rows = [COLUMNS, ...figures.map(cells)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map(row => row[column].length)))
  for (const row of rows) console.log(row.map((cell, column) => pad(cell, column, widths[column])).join('  ').trimEnd())
  console.log()
}

/** Figures for programs: one object a benchmark, on one line. What it leads with is its first figure. */
function printJson (name, figures) {
  const { unit, ours, spread, others, ratio, target } = figures[0]
  console.log(JSON.stringify({ name, unit, ours, spread, others, ratio, target, figures }))
}

/** Figures for a document: a table in Markdown. @param {import('./figure').Figure[]} figures */
function markdown (figures) {
  const row = cells => `| ${cells.join(' | ')} |`
  const rule = COLUMNS.map(column => LEFT.has(column) ? '---' : '--:')
  return [row(COLUMNS), row(rule), ...figures.map(figure => row(cells(figure)))].join('\n')
}

function cells ({ name, ours, spread, unit, ratio, others, beside, target }) {
  return [name, show(ours), spread === null ? '' : show(spread), unit, ratio === null ? '' : ratio.toFixed(2), list(others), list(beside), target || '']
}

function list (values) {
  return Object.entries(values).map(([label, value]) => `${label} ${show(value)}`).join(', ')
}

function pad (cell, column, width) {
  return LEFT.has(COLUMNS[column]) ? cell.padEnd(width) : cell.padStart(width)
}

/** Three digits say all that a noisy machine can. */
function show (number) {
  return Number.isInteger(number) ? String(number) : Number(number.toPrecision(3)).toString()
}

module.exports = { markdown, printJson, printTable, show }
