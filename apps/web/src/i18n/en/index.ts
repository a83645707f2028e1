import auth from './auth.json'
import changes from './changes.json'
import errors from './errors.json'
import guides from './guides.json'
import history from './history.json'
import inspector from './inspector.json'
import kinds from './kinds.json'
import map from './map.json'
import packets from './packets.json'
import palette from './palette.json'
import settings from './settings.json'
import shell from './shell.json'
import sources from './sources.json'
import tables from './tables.json'
import tracing from './tracing.json'
import tree from './tree.json'

export default {
  auth,
  changes,
  errors,
  guides,
  history,
  inspector,
  kinds,
  map,
  packets,
  palette,
  settings,
  shell,
  sources,
  tables,
  tracing,
  tree,
}
