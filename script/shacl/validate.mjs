// Usage: node validate.mjs FOLDER FILE.jsonld
// Checks a graph against the SHACL shapes of the Turtle files in FOLDER, and
// prints each violation. Loads nothing over the network.
import fs from 'node:fs'
import jsonld from 'jsonld'
import { Parser, Store } from 'n3'
import Validator from 'rdf-validate-shacl'

const [folder, file] = process.argv.slice(2)
const imports = 'http://www.w3.org/2002/07/owl#imports'
const sparql = 'http://www.w3.org/ns/shacl#sparql' // constraints in SPARQL are beyond this validator
const below = 'http://www.w3.org/2000/01/rdf-schema#subClassOf'

const nowhere = url => { throw new Error(`the graph would load ${url}`) }
const quads = await jsonld.toRDF(JSON.parse(fs.readFileSync(file)), { format: 'application/n-quads', safe: true, documentLoader: nowhere })
const data = new Store(new Parser({ format: 'N-Quads' }).parse(quads))
const own = data.size

const shapes = new Store()
for (const name of fs.readdirSync(folder).filter(n => n.endsWith('.ttl'))) {
  const parser = new Parser({ blankNodePrefix: `_:${name.replace(/\W/g, '')}` })
  for (const q of parser.parse(fs.readFileSync(`${folder}/${name}`, 'utf8'))) {
    if (q.predicate.value === below && q.object.termType === 'NamedNode') data.add(q) // classes of the graph's objects
    if (q.predicate.value !== imports && q.predicate.value !== sparql) shapes.add(q)
  }
}
const report = await new Validator(shapes, { allowNamedNodeInList: true }).validate(data)
let violations = 0
for (const r of report.results) {
  if (!r.severity.value.endsWith('#Violation')) continue
  violations++
  console.log('VIOLATION', r.focusNode.value, r.path?.value ?? '', r.message.map(m => m.value).join(' '))
}
console.log(`${own} statements, ${shapes.size} of the ontology, ${violations} violations`)
process.exit(violations === 0 ? 0 : 1)
