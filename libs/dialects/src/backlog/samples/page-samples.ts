const wikiPage = { name: 'test wiki', id: 100, content: 'test content', attachments: [], shared_files: [] };
const file = { id: 100, dir: '/test/', name: 'test.png', size: 100 };
/** Ids of documents are texts. */
const document = { id: '01900000000000000000000000000100', title: 'test document' };

/** Content of test deliveries about wiki pages, files and documents, by activity number. */
export const pageSamples: Readonly<Record<number, object>> = {
  5: wikiPage,
  6: { name: wikiPage.name, diff: '1c1\n<test content---\n>test', id: wikiPage.id, version: 3, content: wikiPage.content, attachments: [], shared_files: [] },
  7: wikiPage,
  8: file,
  9: file,
  10: file,
  ...Object.fromEntries([36, 37, 38, 40, 41, 42, 43, 44, 45, 46].map((number) => [number, document])),
  48: { documents: [document, { id: '01900000000000000000000000000101', title: 'test document 2' }] },
};
