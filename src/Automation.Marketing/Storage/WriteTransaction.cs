using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Automation.Marketing.Storage;

/// <summary>One transaction that writes. On SQLite, which has one writer, writers of this process queue here instead of in the database's busy loop.</summary>
public sealed class WriteTransaction : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Lanes = new(StringComparer.Ordinal);

    private readonly IDbContextTransaction transaction;
    private SemaphoreSlim? lane;

    private WriteTransaction(IDbContextTransaction transaction, SemaphoreSlim? lane) => (this.transaction, this.lane) = (transaction, lane);

    public static async Task<WriteTransaction> BeginAsync(AutomationDb db, CancellationToken cancellation)
    {
        if (!db.Database.IsSqlite()) return new WriteTransaction(await db.Database.BeginTransactionAsync(cancellation), lane: null);
        var turn = Lanes.GetOrAdd(db.Database.GetConnectionString() ?? "", _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellation);
        try
        {
            return new WriteTransaction(await db.Database.BeginTransactionAsync(cancellation), turn);
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    public Task CommitAsync(CancellationToken cancellation) => transaction.CommitAsync(cancellation);

    /// <summary>Rolls back what was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        Interlocked.Exchange(ref lane, null)?.Release();
    }
}

public static class WriteTransactions
{
    /// <summary>Opens a transaction that writes; dispose it without <see cref="WriteTransaction.CommitAsync"/> to change nothing.</summary>
    public static Task<WriteTransaction> BeginWriteAsync(this AutomationDb db, CancellationToken cancellation) =>
        WriteTransaction.BeginAsync(db, cancellation);
}
