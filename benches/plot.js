'use strict'

// Small SVG pictures that read in light and dark.

const WIDTH = 720
const FONT = 'font-family="system-ui, sans-serif" font-size="12"'
const COLOURS = ['#2a7fb8', '#d1702a', '#6b8e23', '#8a5fb0', '#777777']

/**
 * Lines over a logarithmic scale in both directions.
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.across  what the values in x are
 * @param {Array<{ name: string, points: Array<[x: number, y: number]> }>} options.lines
 */
function lines ({ title, across, lines }) {
  const height = 360
  const frame = { left: 60, right: WIDTH - 190, top: 40, bottom: height - 50 }
  const all = lines.flatMap(({ points }) => points)
  const x = logarithmic(all.map(([x]) => x), frame.left, frame.right)
  const y = logarithmic(all.map(([, y]) => y), frame.bottom, frame.top)
  const ticks = [...new Set(all.map(([x]) => x))].map(value => text(x.at(value), frame.bottom + 18, String(value), 'middle'))
  const grid = y.powers.map(value => `<line x1="${frame.left}" x2="${frame.right}" y1="${round(y.at(value))}" y2="${round(y.at(value))}" stroke="#888" stroke-opacity="0.3"/>` +
    text(frame.left - 8, y.at(value) + 4, String(value), 'end'))
  const drawn = lines.map(({ name, points }, index) => {
    const path = points.map(([px, py]) => `${round(x.at(px))},${round(y.at(py))}`)
    const [, last] = points[points.length - 1]
    const dots = path.map(point => `<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3" fill="${colour(index)}"/>`)
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour(index)}" stroke-width="2"/>${dots.join('')}` +
      text(frame.right + 8, y.at(last) + 4, name, 'start', colour(index))
  })
  return svg(height, title, [...grid, ...ticks, ...drawn, text((frame.left + frame.right) / 2, height - 12, across, 'middle')])
}

/**
 * Bars in groups; one without a value never ends.
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.unit
 * @param {Array<{ name: string, bars: Array<{ name: string, value: number | null }> }>} options.groups
 */
function bars ({ title, unit, groups }) {
  const [step, left, right] = [20, 200, WIDTH - 90]
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value || 0)))
  const pieces = []
  let top = 44
  for (const { name, bars } of groups) {
    pieces.push(text(12, top + 14, name, 'start', null, 'bold'))
    for (const [index, { name: way, value }] of bars.entries()) {
      const width = value === null ? right - left : Math.max(2, value / most * (right - left) * 0.8)
      const pattern = value === null ? 'fill-opacity="0.15" stroke-dasharray="4 3" stroke="#888"' : ''
      pieces.push(text(left - 8, top + 14, way, 'end'))
      pieces.push(`<rect x="${left}" y="${top + 3}" width="${round(width)}" height="${step - 6}" fill="${colour(index)}" ${pattern}/>`)
      pieces.push(text(left + width + 6, top + 14, value === null ? 'never' : `${show(value)} ${unit}`, 'start'))
      top += step
    }
    top += 12
  }
  return svg(top + 6, title, pieces)
}

function logarithmic (values, from, to) {
  const [least, most] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))]
  const span = Math.max(1, most - least)
  const powers = Array.from({ length: span + 1 }, (_, power) => 10 ** (least + power))
  return { powers, at: value => from + (Math.log10(value) - least) / span * (to - from) }
}

function svg (height, title, pieces) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
<style>text { fill: #222 } @media (prefers-color-scheme: dark) { text { fill: #ddd } }</style>
${text(12, 22, title, 'start', null, 'bold')}
${pieces.join('\n')}
</svg>
`
}

function text (x, y, content, anchor, fill, weight) {
  const style = fill ? ` style="fill: ${fill}"` : ''
  return `<text x="${round(x)}" y="${round(y)}" ${FONT} text-anchor="${anchor}"${weight ? ` font-weight="${weight}"` : ''}${style}>${content}</text>`
}

function colour (index) {
  return COLOURS[index % COLOURS.length]
}

function round (number) {
  return Math.round(number * 10) / 10
}

function show (number) {
  return Number(number.toPrecision(2)).toString()
}

module.exports = { bars, lines }
