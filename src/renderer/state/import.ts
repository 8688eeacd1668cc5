import { defineStore } from 'pinia';
import { ref } from 'vue';

/** The folder the import page is about. Kept here because no path is ever in an address. */
export const useImport = defineStore('import', () => {
  const folder = ref<string>();
  return { folder };
});
