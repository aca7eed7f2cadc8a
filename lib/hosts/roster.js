'use strict'

/**
 * Each host of a pool has one of so many places for its card in Redis, which are looked at by their numbers: whatever else is in Redis, nothing has to be
 * searched there, and what is read has an end.
 */
const PLACES = 32
/** Milliseconds without a new card after which a host is called silent. It writes one a second. */
const SILENT_AFTER = 15000
/** Milliseconds after which it is forgotten. */
const FORGOTTEN_AFTER = 3600 * 1000

/** The other hosts, and the place of this one. */
class Roster {
  /** `start` is the first place to try where all are free: hosts that start together should not all try the same one. */
  constructor ({ name, run }, start) {
    this.name = name
    this.run = run
    this.start = start
    this.place = null
    this.others = []
    this.twins = new Map()
  }

  /** Whether somebody else who is alive has this host's name. */
  get hasTwin () {
    return this.others.some(({ name }) => name === this.name)
  }

  /**
   * Takes in the cards at all places: null for a free one, `{ nonsense }` for one that is somebody else's. Gives the place for the own card, null while there
   * is none, and whether it has to be free still when the card is written.
   */
  take (cards) {
    const theirs = cards.filter(card => card && !card.nonsense && card.run !== this.run)
    this.noteTwins(theirs)
    this.others = theirs.filter(card => !this.isPredecessor(card) && card.age <= FORGOTTEN_AFTER)
    if (this.place === null || !this.isOurs(cards[this.place])) this.place = this.find(cards)
    return { place: this.place, isFree: this.place !== null && cards[this.place] === null }
  }

  isOurs (card) {
    return card === null || card.run === this.run
  }

  /** Whose card is renewed is alive. */
  noteTwins (theirs) {
    const before = this.twins
    this.twins = new Map()
    for (const { name, run, at } of theirs) {
      if (name !== this.name) continue
      const known = before.get(run) || { at, isAlive: false }
      this.twins.set(run, { at, isAlive: known.isAlive || at !== known.at })
    }
  }

  /** What this host told of itself before it was started again. */
  isPredecessor ({ run }) {
    const twin = this.twins.get(run)
    return twin !== undefined && !twin.isAlive
  }

  find (cards) {
    const before = cards.findIndex(card => card && !card.nonsense && this.isPredecessor(card))
    if (before >= 0) return before
    const order = cards.map((card, index) => (index + this.start) % cards.length)
    const free = order.find(index => cards[index] === null)
    if (free !== undefined) return free
    const silent = order.filter(index => !cards[index].nonsense && cards[index].age > SILENT_AFTER)
    return silent.length > 0 ? silent.reduce((one, other) => cards[one].age >= cards[other].age ? one : other) : null
  }
}

module.exports = { FORGOTTEN_AFTER, PLACES, Roster, SILENT_AFTER }
