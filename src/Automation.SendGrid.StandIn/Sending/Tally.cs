namespace Automation.SendGrid.StandIn;

/// <summary>How many requests came and how they ended, since start.</summary>
internal sealed class Tally
{
    private long _requests, _accepted, _refused;

    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Recorded, whatever was answered.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Broke a rule of the request's body.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public void Request() => Interlocked.Increment(ref _requests);

    public void Accept() => Interlocked.Increment(ref _accepted);

    public void Refuse() => Interlocked.Increment(ref _refused);
}
