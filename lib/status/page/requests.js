/** What the gateway took, and which processes of the pool ask. */
class Requests {
  constructor () {
    this.facts = new List(find('requests'), fact)
    this.rows = new List(find('processes').querySelector('tbody'), processRow)
  }

  update ({ gateway, requests, processes = [] }, now) {
    find('requests-section').hidden = !gateway
    if (!gateway) return
    const troubled = processes.filter(({ trouble }) => trouble).length
    setText(find('requests-note'), `through the gateway at ${gateway.name}`)
    this.facts.update(factsOfRequests(requests), ([term]) => term)
    find('processes').hidden = processes.length === 0
    setText(find('processes-note'), `${count(processes.length, 'process', 'es')} of the pool${troubled ? `, ${troubled} without the gateway` : ''}`)
    setClass(find('processes-note'), troubled ? 'state unhealthy' : '')
    this.rows.update(processes, ({ pid }) => String(pid), now)
  }
}

function factsOfRequests ({ answered, rescued, failed, abandoned, held, hedges }) {
  const all = [
    ['Answered', answered, 'by the first daemon'],
    ['Rescued', rescued, 'by another daemon'],
    ['Hedged', hedges, 'a daemon was slow'],
    ['Failed', failed, 'by all daemons asked'],
    ['Abandoned', abandoned, 'by the client'],
    ['Held', held, 'daemons disagreed']
  ]
  return all.map(([term, number, note]) => [term, grouped(number), note])
}

function processRow () {
  const [name, role] = [make('th'), cell('Role')]
  const trouble = make('p', 'why')
  name.scope = 'row'
  role.classList.remove('number')
  const element = make('tr', '', name, role, make('td', 'trouble', trouble))
  const update = (process, now) => {
    setText(name, `pid ${process.pid}`)
    setText(role, process.role || (process.worker === null ? 'master' : `worker ${process.worker}`))
    setText(trouble, process.trouble || '')
    setClass(trouble, process.trouble ? 'why place watch' : 'why')
  }
  return { element, update }
}
