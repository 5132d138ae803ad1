/** Namespace of all metrics of our own; the dimension `service` is the name of the function. */
export const METRICS_NAMESPACE = 'Millrace';
