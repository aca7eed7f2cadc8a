function find (id) {
  return document.getElementById(id)
}

/** An element. Children are elements or text; text is shown as text, whatever is in it. */
function make (tag, className, ...children) {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

function makeSvg (tag, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const name of Object.keys(attributes)) element.setAttribute(name, attributes[name])
  return element
}

/** Touches the page only where something is different: what a reader has focused, selected or heard stays. */
function setText (element, text) {
  if (element.textContent !== text) element.textContent = text
}

function setClass (element, className) {
  if (element.className !== className) element.className = className
}

function setAttribute (element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

/** As many children as there are items, kept in their order: `{ element, update }` of each is made once. */
class List {
  constructor (parent, create) {
    Object.assign(this, { parent, create, known: new Map() })
  }

  update (items, keyOf, ...rest) {
    const keys = items.map(keyOf)
    for (const key of this.known.keys()) if (!keys.includes(key)) this.remove(key)
    items.forEach((item, index) => {
      const child = this.known.get(keys[index]) || this.add(keys[index], item)
      if (this.parent.children[index] !== child.element) this.parent.insertBefore(child.element, this.parent.children[index] || null)
      child.update(item, ...rest)
    })
  }

  add (key, item) {
    const child = this.create(item)
    this.known.set(key, child)
    return child
  }

  remove (key) {
    this.known.get(key).element.remove()
    this.known.delete(key)
  }
}
