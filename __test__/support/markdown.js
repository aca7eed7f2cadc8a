'use strict'

/** The text without blocks of code, in which `[a](b)` is no link and `# a` is no heading. */
const prose = markdown => markdown.replace(/^```[^]*?^```$/gm, '')

/** The rows of all tables, as lists of cells. */
function rowsIn (markdown) {
  return prose(markdown).split('\n').filter(line => /^\| .* \|$/.test(line)).map(line => line.slice(2, -2).split(/ \|(?= )/).map(cell => cell.trim()))
}

/** The rows of the table whose first column has this title, the code in the first cell without its backticks. */
function tableIn (markdown, title) {
  const [, lines] = new RegExp(`^\\| ${title} .*\\n\\|[-|]*\\n((?:\\|.*\\n)*)`, 'm').exec(markdown)
  return rowsIn(lines).map(([name, ...rest]) => [name.replace(/^`(.*)`$/, '$1'), ...rest])
}

module.exports = { prose, rowsIn, tableIn }
