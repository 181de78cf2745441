using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Automation.Marketing;

namespace Automation.Server.Operations;

/// <summary>Adds up what the meters of this process count since its start, for whoever asks.</summary>
/// <remarks>Restarts begin at zero, as monitoring expects of counters.</remarks>
internal sealed class MeterReadings : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, Family> families = new(StringComparer.Ordinal);

    public MeterReadings()
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == Meters.Name) listening.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((Family)state!).Add(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((Family)state!).Add(value, tags));
        listener.Start();
    }

    /// <summary>Appends everything in Prometheus' text format 0.0.4.</summary>
    public void Write(StringBuilder text)
    {
        foreach (var family in families.Values.OrderBy(family => family.Name, StringComparer.Ordinal)) family.Write(text);
    }

    public void Dispose() => listener.Dispose();

    private Family FamilyOf(Instrument instrument) => families.GetOrAdd(instrument.Name, _ => new Family(instrument));

    /// <summary>One instrument with all its labels.</summary>
    private sealed class Family(Instrument instrument)
    {
        // Seconds: from a webhook that comes at once to one that SendGrid repeats for a day.
        private static readonly double[] Bounds = [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 86_400];

        private readonly bool isHistogram = instrument is Histogram<double>;
        private readonly Dictionary<string, double> sums = new(StringComparer.Ordinal);
        private readonly long[] buckets = new long[Bounds.Length + 1];
        private readonly Lock gate = new();

        public string Name { get; } = PrometheusText.NameOf(instrument.Name) + (instrument is Histogram<double> ? "_seconds" : "_total");

        public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var labels = PrometheusText.Labels(tags);
            lock (gate)
            {
                sums[labels] = sums.GetValueOrDefault(labels) + value;
                if (isHistogram) buckets[BucketOf(value)]++;
            }
        }

        public void Write(StringBuilder text)
        {
            PrometheusText.Head(text, Name, instrument.Description ?? "", isHistogram ? "histogram" : "counter");
            lock (gate)
            {
                if (isHistogram) WriteBuckets(text);
                else foreach (var (labels, sum) in sums.OrderBy(one => one.Key, StringComparer.Ordinal)) PrometheusText.Line(text, Name, labels, sum);
            }
        }

        private void WriteBuckets(StringBuilder text)
        {
            long below = 0;
            for (var bucket = 0; bucket < buckets.Length; bucket++)
            {
                below += buckets[bucket];
                var bound = bucket < Bounds.Length ? Bounds[bucket].ToString(CultureInfo.InvariantCulture) : "+Inf";
                PrometheusText.Line(text, Name + "_bucket", $"{{le=\"{bound}\"}}", below);
            }
            PrometheusText.Line(text, Name + "_sum", "", sums.GetValueOrDefault(""));
            PrometheusText.Line(text, Name + "_count", "", below);
        }

        private static int BucketOf(double value)
        {
            var found = Array.FindIndex(Bounds, bound => value <= bound);
            return found < 0 ? Bounds.Length : found;
        }
    }
}
