/** The hosts that share orders, where there is more than this one. */
class Hosts {
  constructor () {
    this.rows = new List(find('hosts').querySelector('tbody'), hostRow)
  }

  update ({ hosts = [] }, now) {
    const silent = hosts.filter(({ silent }) => silent).length
    find('hosts-section').hidden = hosts.length < 2
    setText(find('hosts-note'), `${hosts.length}${silent ? `, ${silent} silent` : ''}`)
    this.rows.update(hosts, ({ self, name }) => `${self} ${name}`, now)
  }
}

function hostRow () {
  const name = make('span', 'name')
  const tags = make('span', 'tags')
  const head = make('th', '', name, tags)
  head.scope = 'row'
  const [current, mode, healthy, height, blocks, heard] = ['In use', 'Mode', 'Healthy', 'Head', 'Blocks', 'Heard of'].map(cell)
  for (const each of [current, mode, blocks, heard]) each.classList.remove('number')
  const update = (host, now) => {
    setText(name, host.name)
    const labels = [host.self && 'this one', host.pin && 'pinned', host.drained.length > 0 && `${host.drained.length} drained`].filter(Boolean)
    if (tags.dataset.labels !== labels.join()) tags.replaceChildren(...labels.map(label => make('span', 'tag', label)))
    tags.dataset.labels = labels.join()
    setText(current, host.current.name)
    setText(mode, !host.enabled ? 'off' : host.hold ? `${host.mode}, hold` : host.mode)
    setText(healthy, `${host.healthy} of ${host.daemons}`)
    setText(height, host.head ? String(host.head.height) : '–')
    setText(blocks, latestOf(host.blocks, now))
    setText(heard, host.self ? '–' : host.silent ? `silent for ${spell(now - host.lastSeen)}` : 'now')
  }
  return { element: make('tr', '', head, current, mode, healthy, height, blocks, heard), update }
}

function latestOf (blocks, now) {
  if (blocks.length === 0) return '–'
  const { height, told, orphaned, at } = blocks[blocks.length - 1]
  return `${height === null ? 'one' : height} at ${clock(at, now)}, ${orphaned ? 'lost' : told}`
}
