'use strict'

const fs = require('node:fs')
const path = require('node:path')

const FOLDER = path.join(__dirname, '..', '..', 'monitoring')

/** Every PromQL expression of the Grafana dashboard, as `{ place, expression }`. */
function ofDashboard () {
  const { panels, annotations, templating } = JSON.parse(fs.readFileSync(path.join(FOLDER, 'grafana.json'), 'utf8'))
  return [
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ place: title, expression: expr }))),
    ...annotations.list.map(({ name, expr }) => ({ place: name, expression: expr })),
    ...templating.list.filter(({ type }) => type === 'query').map(({ name, definition }) => ({ place: name, expression: /^label_values\((.*), \w+\)$/.exec(definition)[1] }))
  ]
}

/** Every expression of the alert rules, which are written in one line each. */
function ofAlerts () {
  const text = fs.readFileSync(path.join(FOLDER, 'alerts.yml'), 'utf8')
  return [...text.matchAll(/- alert: (\w+)[^]*?\n +expr: (.*)/g)].map(([, place, expression]) => ({ place, expression }))
}

/** The metrics that an expression names. */
function metricsIn (expression) {
  return [...new Set(expression.match(/\bmultidaemon_\w+/g) || [])]
}

/** An expression as Prometheus itself takes it, with something for each of Grafana's variables. */
function withoutVariables (expression) {
  return expression.replace(/\$__rate_interval|\$__interval/g, '5m').replace(/\$instance/g, '.*')
}

module.exports = { FOLDER, metricsIn, ofAlerts, ofDashboard, withoutVariables }
