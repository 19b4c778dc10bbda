import { byNamespace } from './namespaces';

export default byNamespace(import.meta.glob<Record<string, unknown>>('./ru/*.json', { eager: true, import: 'default' }));
