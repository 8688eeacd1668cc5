import { ref } from 'vue';

/** Name of the place that is shown. */
export const place = ref('home');
