declare module "parse-prometheus-text-format" {
  interface MetricFamily {
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly metrics: readonly Readonly<Record<string, unknown>>[];
  }
  export default function parsePrometheusTextFormat(text: string): readonly MetricFamily[];
}
