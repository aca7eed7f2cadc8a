'use strict'

const COLUMNS = ['measured', 'ours', '±', 'unit', 'ratio', 'other', 'target']
const LEFT = new Set(['measured', 'unit', 'other', 'target'])

/** Figures for people: a table for each benchmark. @param {import('./figure').Figure[]} figures */
function printTable (figures) {
  const rows = [COLUMNS, ...figures.map(cells)]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map(row => row[column].length)))
  for (const row of rows) console.log(row.map((cell, column) => pad(cell, column, widths[column])).join('  ').trimEnd())
  console.log()
}

/** Figures for programs: one object a line. @param {import('./figure').Figure[]} figures */
function printJson (figures) {
  for (const figure of figures) console.log(JSON.stringify(figure))
}

function cells ({ name, ours, spread, unit, ratio, others, target }) {
  const other = Object.entries(others).map(([label, value]) => `${label} ${show(value)}`).join(', ')
  return [name, show(ours), spread === null ? '' : show(spread), unit, ratio === null ? '' : ratio.toFixed(2), other, target || '']
}

function pad (cell, column, width) {
  return LEFT.has(COLUMNS[column]) ? cell.padEnd(width) : cell.padStart(width)
}

/** Three digits say all that a noisy machine can. */
function show (number) {
  return Number.isInteger(number) ? String(number) : Number(number.toPrecision(3)).toString()
}

module.exports = { printJson, printTable }
