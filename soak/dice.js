'use strict'

/** Whatever is left to chance. */
class Dice {
  /** @param {() => number} random */
  constructor (random) {
    this.random = random
  }

  below (number) {
    return Math.floor(this.random() * number)
  }

  between (least, most) {
    return least + this.below(most - least + 1)
  }

  chance (share) {
    return this.random() < share
  }

  oneOf (list) {
    return list[this.below(list.length)]
  }

  /** So many of a list, each once. */
  some (list, count) {
    const left = [...list]
    return Array.from({ length: count }, () => left.splice(this.below(left.length), 1)[0])
  }
}

module.exports = Dice
