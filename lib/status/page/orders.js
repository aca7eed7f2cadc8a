/** Drains and pins, where there is a password; the browser sends it along. */
class Orders {
  constructor () {
    this.outcome = find('outcome')
    this.time = find('pin-time')
  }

  update ({ takesOrders }) {
    find('pin-for').hidden = !takesOrders
  }

  buttons ({ host, port, name }) {
    const drain = make('button')
    const pin = make('button')
    const element = make('td', 'orders', drain, pin)
    let [drained, pinned] = [false, false]
    drain.addEventListener('click', () => this.give(drained ? 'undrain' : 'drain', { host, port }, name))
    pin.addEventListener('click', () => pinned ? this.give('unpin', {}, '') : this.give('pin', { host, port, milliseconds: Number(this.time.value) }, name))
    const update = (daemon, state) => {
      element.hidden = !state.takesOrders
      drained = daemon.drained
      pinned = isPinned(daemon, state)
      label(drain, drained ? 'Undrain' : 'Drain', daemon)
      label(pin, pinned ? 'Unpin' : 'Pin', daemon)
    }
    return { element, update }
  }

  give (order, body, name) {
    const what = `${order} ${name}`.trim()
    fetch(order, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
      .then(response => response.ok ? this.tell(`${what}: done`, '') : response.text().then(text => this.tell(`${what}: ${text}`, 'bad')))
      .catch(() => this.tell(`${what}: no connection`, 'bad'))
  }

  tell (text, className) {
    setText(this.outcome, text)
    setClass(this.outcome, className)
  }
}

/** Read aloud, a button tells which daemon it is for. */
function label (button, text, { name }) {
  setText(button, text)
  setAttribute(button, 'aria-label', `${text} ${name}`)
}
