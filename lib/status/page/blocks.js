/** As many as fit on a page; all of them are in the status. */
const SHOWN_BLOCKS = 8

/** The blocks that the pool submitted, the latest first. */
class Blocks {
  constructor () {
    this.rows = new List(find('blocks').querySelector('tbody'), blockRow)
  }

  update ({ blocks, daemons }, now) {
    const lost = blocks.filter(({ orphaned }) => orphaned).length
    find('blocks-section').hidden = blocks.length === 0
    setText(find('blocks-note'), `${count(blocks.length, 'block')}${lost ? `, ${lost} lost` : ''}`)
    this.rows.update(blocks.slice(-SHOWN_BLOCKS).reverse(), ({ id }) => String(id), daemons, now)
  }
}

function blockRow () {
  const height = make('th')
  height.scope = 'row'
  const [found, told, by, seen, chain] = ['Found', 'Answer', 'Accepted by', 'Seen on', 'In the chain'].map(cell)
  for (const each of [found, told, by, chain]) each.classList.remove('number')
  const update = (block, daemons, now) => {
    setText(height, show(block.height))
    setText(found, clock(block.at, now, true))
    setText(told, block.told)
    setText(by, block.by ? block.by.name : '–')
    setText(seen, `${block.seen} of ${daemons.length}`)
    setText(chain, fateOf(block))
  }
  return { element: make('tr', '', height, found, told, by, seen, chain), update }
}

function fateOf ({ told, late, depth, orphaned }) {
  if (orphaned) return 'lost: another block has its place'
  if (late) return 'no: it came too late'
  if (depth === null) return told === 'refused' ? 'no' : 'not seen yet'
  return depth === 0 ? 'yes, the latest' : `yes, ${count(depth, 'block')} on it`
}
