import { reactive } from 'vue';

/** Whether what is known of an image is shown beside it, by where one is. Kept while the page is. */
export const inspector = reactive({ viewer: true, grid: false, focus: false });
