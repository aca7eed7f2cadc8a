/** The narrowest cell that can still be told from its neighbours, in pixels, and the most cells of a row. */
const NARROWEST_CELL = 26
const [FEWEST_CELLS, MOST_CELLS] = [6, 28]
/** Blocks above the head that are still shown: a daemon that is ahead of the others by more claims too much to draw. */
const SHOWN_AHEAD = 3
const BRANCH_COLOURS = 5

/**
 * The chains: a row for each daemon, a cell for each of its latest blocks. Blocks of one height stand below one another, and
 * those of the head's chain have one colour; a block that differs from them has another, and a letter.
 */
class Chains {
  constructor () {
    const root = find('chains')
    this.axis = root.querySelector('.axis')
    this.rows = new List(root.querySelector('.rows'), () => chainRow())
    this.axis.append(make('span'), make('div', 'cells'), make('span'))
    this.legend = find('chains-legend')
    this.root = root
    new ResizeObserver(() => this.redraw()).observe(root)
  }

  update (state) {
    this.state = state
    const view = viewOf(state, this.columns())
    this.drawAxis(view)
    this.rows.update(state.daemons, ({ name }) => name, view)
    this.drawLegend(view)
    setText(find('chains-note'), view.letters.size === 0 ? 'the latest blocks of each daemon, by height' : 'a letter marks blocks that are not on the head’s chain')
  }

  redraw () {
    if (this.state && this.columns() !== this.drawn) this.update(this.state)
  }

  columns () {
    const { width } = this.axis.children[1].getBoundingClientRect()
    return Math.min(MOST_CELLS, Math.max(FEWEST_CELLS, Math.floor(width / NARROWEST_CELL)))
  }

  drawAxis ({ heights, head }) {
    this.drawn = heights.length
    const labels = heights.map((height, index) => {
      if (height === head) return make('span', 'top', make('b', '', `head ${height}`))
      return index === 0 ? make('span', '', make('b', '', String(height))) : make('span')
    })
    this.axis.children[1].replaceChildren(...labels)
  }

  drawLegend ({ letters, hasGaps }) {
    const entries = [['cell block', '', 'the head’s chain']]
    for (const [letter, index] of letters) entries.push([`cell block fork branch-${index % BRANCH_COLOURS}`, letter, `branch ${letter}`])
    if (hasGaps) entries.push(['cell gap', '', 'not there yet'])
    const key = JSON.stringify(entries)
    if (this.key === key) return
    this.key = key
    this.legend.replaceChildren(...entries.map(([className, letter, text]) => make('li', '', make('span', className, make('i', '', letter)), text)))
  }
}

function chainRow () {
  const pin = make('span', 'pin')
  const tag = make('span', 'tag', 'primary')
  const name = make('span', 'name')
  const cells = make('div', 'cells')
  const place = make('span', 'place')
  cells.setAttribute('aria-hidden', 'true')
  const element = make('li', 'row', make('div', 'who', pin, make('span', '', name, tag)), cells, place)
  const update = (daemon, view) => {
    setClass(element, `row${daemon.inUse ? ' in-use' : ''}${daemon.state === 'unresponsive' ? ' stale' : ''}`)
    setText(pin, daemon.inUse ? '▶' : '')
    setAttribute(pin, 'title', daemon.inUse ? 'in use' : '')
    setText(name, daemon.name)
    tag.hidden = !daemon.primary
    const [text, level] = placeOf(daemon, view)
    setText(place, daemon.inUse ? `in use, ${text}` : text)
    setClass(place, `place ${level}`)
    drawCells(cells, daemon, view)
  }
  return { element, update }
}

/** Where a daemon stands, in words, and how bad that is. */
function placeOf (daemon, { branches }) {
  const { state, reason, lag } = daemon
  const branch = branches.get(daemon.name)
  if (state === 'unresponsive') return [daemon.trouble, 'bad']
  if (branch !== undefined) return [`branch ${branch}${forkOf(daemon)}`, 'watch']
  if (reason && reason.code === 'forked') return [`another branch${forkOf(daemon)}`, 'watch']
  if (lag === null || (reason && reason.code === 'unconfirmed')) return [daemon.trouble, reason ? 'watch' : '']
  if (lag > 0) return [`${count(lag, 'block')} behind`, state === 'healthy' ? '' : 'watch']
  return [lag === 0 ? 'at the head' : `${count(-lag, 'block')} ahead`, '']
}

/** A race of two blocks is no fork yet, and says nothing here. */
function forkOf ({ reason }) {
  return reason && reason.code === 'forked' ? ` since ${reason.at}, ${reason.depth} deep` : ''
}

function drawCells (parent, daemon, { heights, head, rows, main, branches, letters }) {
  const row = rows.get(daemon.name)
  const branch = branches.get(daemon.name)
  const cells = heights.map(height => {
    const hash = row.get(height)
    const isFork = hash !== undefined && main.has(height) && main.get(height) !== hash
    const kind = hash === undefined ? kindOfNone(height, row, head) : isFork ? `block fork branch-${letters.get(branch) % BRANCH_COLOURS}` : 'block'
    return { className: `cell ${kind}${height === head ? ' head' : ''}`, letter: isFork ? branch : '', tint: tintOf(hash), title: hash ? `${height}: ${hash} …` : '' }
  })
  const key = JSON.stringify(cells)
  if (parent.dataset.key === key) return
  parent.dataset.key = key
  parent.replaceChildren(...cells.map(({ className, letter, tint, title }) => {
    const cell = make('span', className, make('i', '', letter))
    cell.title = title
    cell.style.setProperty('--tint', tint)
    return cell
  }))
}

function kindOfNone (height, row, head) {
  const known = Array.from(row.keys())
  if (known.length > 0 && height > Math.max(...known)) return height <= head ? 'gap' : 'none'
  return 'unknown'
}

/** A shade of its own for each block, so that one can see the chain move. */
function tintOf (hash) {
  return hash === undefined ? 0 : parseInt(hash.slice(0, 2), 16) % 5 * 4 - 8
}

/** What of all the chains is drawn, and what their blocks are called. */
function viewOf ({ daemons, head }, columns) {
  const rows = new Map(daemons.map(daemon => [daemon.name, rowOf(daemon)]))
  const heights = heightsOf(daemons, head, columns)
  const main = mainOf(daemons, rows, heights, head)
  const [branches, letters] = branchesOf(daemons, rows, heights, main)
  const hasGaps = head !== null && daemons.some(({ name, top }) => top !== null && top < head.height)
  return { rows, heights, main, branches, letters, hasGaps, head: head ? head.height : null }
}

/** A daemon's blocks by height. */
function rowOf ({ top, blocks }) {
  return new Map(blocks.map((hash, depth) => [top - depth, hash]))
}

function heightsOf (daemons, head, columns) {
  const tops = daemons.map(({ top }) => top).filter(top => top !== null && (!head || top <= head.height + SHOWN_AHEAD))
  const top = Math.max(...tops, head ? head.height : 0)
  return Array.from({ length: columns }, (_, index) => top - columns + 1 + index).filter(height => height >= 0)
}

/** The hashes of the head's chain; above the head and where it is not known, what the first daemon says that has a block there. */
function mainOf (daemons, rows, heights, head) {
  const onHead = daemons.filter(({ name }) => head && isPrefix(rows.get(name).get(head.height), head.hash))
  const order = onHead.concat(daemons.filter(({ reason }) => !(reason && reason.code === 'forked')))
  const main = new Map()
  for (const height of heights) {
    const first = order.find(({ name }) => rows.get(name).has(height))
    if (first) main.set(height, rows.get(first.name).get(height))
  }
  return main
}

function isPrefix (part, whole) {
  return part !== undefined && whole.startsWith(part)
}

/** The letter of each daemon's branch, where it is not on the main one, and a number for each letter: who shares a block shares a branch. */
function branchesOf (daemons, rows, heights, main) {
  const [branches, letters, letterOf] = [new Map(), new Map(), new Map()]
  for (const { name } of daemons) {
    const off = heights.map(height => [height, rows.get(name).get(height)]).filter(([height, hash]) => hash !== undefined && main.has(height) && main.get(height) !== hash)
    if (off.length === 0) continue
    const shared = off.map(([, hash]) => letterOf.get(hash)).find(Boolean)
    const letter = shared || String.fromCharCode('B'.charCodeAt(0) + letters.size % 25)
    if (!letters.has(letter)) letters.set(letter, letters.size)
    for (const [, hash] of off) letterOf.set(hash, letter)
    branches.set(name, letter)
  }
  return [branches, letters]
}
