using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// The 256 bytes at the start of every model stream. It locates, in this order: the model block, the string table with its
/// characters, the name of the loader's assembly, and a closing signature. All positions count from the header's start.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct ModelHeader
{
    public const int Size = 256;
    public const ulong SignatureValue = 0x4C45444F4D004C4D;
    public const ulong TailSignatureValue = 0x4D4C004D4F44454C;

    private const uint CurrentVersion = 0x00010002;
    private const uint OldestReadableVersion = 0x00010001;
    private const uint FirstVersionWithAssemblyName = 0x00010002;

    [FieldOffset(0x00)] public ulong Signature;
    [FieldOffset(0x08)] public uint VerWritten;
    [FieldOffset(0x0C)] public uint VerReadable;
    [FieldOffset(0x10)] public long FpModel;
    [FieldOffset(0x18)] public long CbModel;
    [FieldOffset(0x20)] public long FpStringTable;
    [FieldOffset(0x28)] public long CbStringTable;
    [FieldOffset(0x30)] public long FpStringChars;
    [FieldOffset(0x38)] public long CbStringChars;
    [FieldOffset(0x40)] public ulong ModelSignature;
    [FieldOffset(0x48)] public uint ModelVerWritten;
    [FieldOffset(0x4C)] public uint ModelVerReadable;
    [FieldOffset(0x50)] public ulong LoaderSignature0;
    [FieldOffset(0x58)] public ulong LoaderSignature1;
    [FieldOffset(0x60)] public ulong LoaderSignature2;
    [FieldOffset(0x68)] public ulong LoaderSignatureAlt0;
    [FieldOffset(0x70)] public ulong LoaderSignatureAlt1;
    [FieldOffset(0x78)] public ulong LoaderSignatureAlt2;
    [FieldOffset(0x80)] public long FpTail;
    [FieldOffset(0x88)] public long FpLim;
    [FieldOffset(0x90)] public long FpAssemblyName;
    [FieldOffset(0x98)] public uint CbAssemblyName;

    public static void BeginWrite(BinaryWriter writer, out long fpMin, out ModelHeader header)
    {
        Contracts.CheckValue(null, writer, nameof(writer));
        fpMin = Position(writer);
        header = new ModelHeader { Signature = SignatureValue, VerWritten = CurrentVersion, VerReadable = CurrentVersion, FpModel = Size };
        writer.Write(new byte[Size]);
    }

    public static void EndWrite(BinaryWriter writer, long fpMin, ref ModelHeader header, NormStr.Pool pool = null, string loaderAssemblyName = null)
    {
        EndModelCore(writer, fpMin, ref header);
        if (pool is { Count: > 0 })
        {
            header.FpStringTable = Position(writer) - fpMin;
            header.CbStringTable = pool.Count * sizeof(long);
            foreach (NormStr item in pool)
                writer.Write(header.CbStringChars += item.Value.Length * sizeof(char));
            header.FpStringChars = Position(writer) - fpMin;
            foreach (NormStr item in pool)
                writer.Write(Encoding.Unicode.GetBytes(item.Value));
        }
        if (!string.IsNullOrEmpty(loaderAssemblyName))
        {
            header.FpAssemblyName = Position(writer) - fpMin;
            header.CbAssemblyName = (uint)loaderAssemblyName.Length * sizeof(char);
            writer.Write(Encoding.Unicode.GetBytes(loaderAssemblyName));
        }
        WriteHeaderAndTailCore(writer, fpMin, ref header);
    }

    public static void EndModelCore(BinaryWriter writer, long fpMin, ref ModelHeader header)
    {
        Contracts.Check(null, header.FpModel == Size && header.CbModel == 0);
        header.CbModel = Position(writer) - header.FpModel - fpMin;
    }

    public static void WriteHeaderAndTailCore(BinaryWriter writer, long fpMin, ref ModelHeader header)
    {
        header.FpTail = Position(writer) - fpMin;
        writer.Write(TailSignatureValue);
        header.FpLim = Position(writer) - fpMin;
        Contracts.Check(null, TryValidate(ref header, header.FpLim, out _));
        byte[] bytes = new byte[Size];
        MarshalToBytes(ref header, bytes);
        writer.BaseStream.Position = fpMin;
        writer.Write(bytes);
        writer.Flush();
        writer.BaseStream.Position = header.FpLim + fpMin;
    }

    public static void SetVersionInfo(ref ModelHeader header, VersionInfo ver)
    {
        header.ModelSignature = ver.ModelSignature;
        header.ModelVerWritten = ver.VerWrittenCur;
        header.ModelVerReadable = ver.VerReadableCur;
        SetLoaderSig(ref header, ver.LoaderSignature);
        SetLoaderSigAlt(ref header, ver.LoaderSignatureAlt);
    }

    public static void SetLoaderSig(ref ModelHeader header, string sig) =>
        PackName(sig, out header.LoaderSignature0, out header.LoaderSignature1, out header.LoaderSignature2);

    public static void SetLoaderSigAlt(ref ModelHeader header, string sig) =>
        PackName(sig, out header.LoaderSignatureAlt0, out header.LoaderSignatureAlt1, out header.LoaderSignatureAlt2);

    public static string GetLoaderSig(ref ModelHeader header) =>
        UnpackName(header.LoaderSignature0, header.LoaderSignature1, header.LoaderSignature2);

    public static string GetLoaderSigAlt(ref ModelHeader header) =>
        UnpackName(header.LoaderSignatureAlt0, header.LoaderSignatureAlt1, header.LoaderSignatureAlt2);

    public static void MarshalToBytes(ref ModelHeader header, byte[] bytes) => MemoryMarshal.Write(bytes, in header);

    public static void MarshalFromBytes(out ModelHeader header, byte[] bytes) => header = MemoryMarshal.Read<ModelHeader>(bytes);

    public static void BeginRead(out long fpMin, out ModelHeader header, out string[] strings, out string loaderAssemblyName, BinaryReader reader)
    {
        fpMin = reader.BaseStream.Position;
        byte[] bytes = reader.ReadBytes(Size);
        Contracts.CheckDecode(null, bytes.Length == Size);
        MarshalFromBytes(out header, bytes);
        if (!TryValidate(ref header, reader, fpMin, out strings, out loaderAssemblyName, out Exception exception))
            throw exception;
        reader.BaseStream.Position = header.FpModel + fpMin;
    }

    public static void EndRead(long fpMin, ref ModelHeader header, BinaryReader reader)
    {
        Contracts.CheckDecode(null, header.FpModel + header.CbModel == reader.BaseStream.Position - fpMin);
        reader.BaseStream.Position = header.FpLim + fpMin;
    }

    public static void CheckVersionInfo(ref ModelHeader header, VersionInfo ver)
    {
        Contracts.CheckDecode(null, header.ModelSignature == ver.ModelSignature, "Unknown file type");
        Contracts.CheckDecode(null, header.ModelVerReadable <= header.ModelVerWritten, "Corrupt file header");
        Version product = typeof(VersionInfo).Assembly.GetName().Version;
        if (header.ModelVerReadable > ver.VerWrittenCur)
        {
            throw Contracts.ExceptDecode(null, "Cause: ML.NET {0} cannont read component '{1}' of the model, because the model is too new.\n" +
                "Suggestion: Make sure the model is trained with ML.NET {0} or older.\nDebug details: Maximum expected version {2}, got {3}.",
                product, ver.LoaderSignature, header.ModelVerReadable, ver.VerWrittenCur);
        }
        if (header.ModelVerWritten < ver.VerWeCanReadBack)
        {
            throw Contracts.ExceptDecode(null, "Cause: ML.NET {0} cannot read component '{1}' of the model, because the model is too old.\n" +
                "Suggestion: Make sure the model is trained with ML.NET {0}.\nDebug details: Minimum expected version {2}, got {3}.",
                product, ver.LoaderSignature, header.ModelVerReadable, ver.VerWrittenCur);
        }
    }

    /// <summary>Whether the header is consistent in itself and with a stream of <paramref name="size"/> bytes (0: unknown).</summary>
    public static bool TryValidate(ref ModelHeader header, long size, out Exception ex)
    {
        bool hasStrings = header.FpStringTable != 0;
        bool hasName = header.VerWritten >= FirstVersionWithAssemblyName && header.FpAssemblyName != 0;
        long endOfModel = header.FpModel + header.CbModel;
        long endOfStrings = hasStrings ? header.FpStringChars + header.CbStringChars : endOfModel;
        long endOfName = hasName ? header.FpAssemblyName + header.CbAssemblyName : endOfStrings;
        bool stringsFit = hasStrings
            ? header.FpStringTable == endOfModel && header.CbStringTable > 0 && header.CbStringTable % sizeof(long) == 0
                && header.FpStringChars == header.FpStringTable + header.CbStringTable && header.CbStringChars >= 0 && header.CbStringChars % sizeof(char) == 0
            : header.CbStringTable == 0 && header.FpStringChars == 0 && header.CbStringChars == 0;
        bool nameFits = !hasName || (header.FpAssemblyName == endOfStrings && header.CbAssemblyName % sizeof(char) == 0);
        bool isWhole = header.FpTail == endOfName && header.FpLim == header.FpTail + sizeof(ulong) && (size == 0 || size >= header.FpLim);
        ex = header switch
        {
            { Signature: not SignatureValue } => Contracts.ExceptDecode(null, "Wrong file type"),
            _ when header.VerReadable > header.VerWritten => Contracts.ExceptDecode(null, "Corrupt file header"),
            { VerReadable: > CurrentVersion } => Contracts.ExceptDecode(null, "File is too new"),
            { VerWritten: < OldestReadableVersion } => Contracts.ExceptDecode(null, "File is too old"),
            _ when header.FpModel != Size || header.CbModel < 0 || !stringsFit || !nameFits || !isWhole => Contracts.ExceptDecode(null),
            _ => null,
        };
        return ex is null;
    }

    public static bool TryValidate(ref ModelHeader header, BinaryReader reader, long fpMin, out string[] strings, out string loaderAssemblyName, out Exception ex)
    {
        strings = null;
        loaderAssemblyName = null;
        if (!TryValidate(ref header, reader.BaseStream.Length - fpMin, out ex))
            return false;
        long origin = reader.BaseStream.Position;
        try
        {
            if (header.FpStringTable != 0)
                strings = ReadStrings(ref header, reader, fpMin);
            if (header.VerWritten >= FirstVersionWithAssemblyName && header.FpAssemblyName != 0)
            {
                reader.BaseStream.Position = header.FpAssemblyName + fpMin;
                loaderAssemblyName = Encoding.Unicode.GetString(reader.ReadBytes((int)header.CbAssemblyName));
            }
            reader.BaseStream.Position = header.FpTail + fpMin;
            Contracts.CheckDecode(null, reader.ReadUInt64() == TailSignatureValue, "Corrupt model file tail");
        }
        catch (Exception exception) when (exception is FormatException or IOException)
        {
            ex = exception;
            return false;
        }
        reader.BaseStream.Position = origin;
        return true;
    }

    private static string[] ReadStrings(ref ModelHeader header, BinaryReader reader, long fpMin)
    {
        reader.BaseStream.Position = header.FpStringTable + fpMin;
        long[] ends = new long[header.CbStringTable / sizeof(long)];
        for (int i = 0; i < ends.Length; i++)
        {
            ends[i] = reader.ReadInt64();
            Contracts.CheckDecode(null, ends[i] >= (i == 0 ? 0 : ends[i - 1]) && ends[i] <= header.CbStringChars && ends[i] % sizeof(char) == 0);
        }
        Contracts.CheckDecode(null, ends[^1] == header.CbStringChars);
        return ends.Select((end, i) => Encoding.Unicode.GetString(reader.ReadBytes((int)(end - (i == 0 ? 0 : ends[i - 1]))))).ToArray();
    }

    private static long Position(BinaryWriter writer)
    {
        writer.Flush();
        return writer.BaseStream.Position;
    }

    private static void PackName(string name, out ulong first, out ulong second, out ulong third)
    {
        Span<ulong> words = stackalloc ulong[3];
        Contracts.Check(null, (name?.Length ?? 0) <= words.Length * sizeof(ulong));
        for (int i = 0; i < (name?.Length ?? 0); i++)
        {
            Contracts.Check(null, name[i] <= 0xFF);
            words[i / sizeof(ulong)] |= (ulong)name[i] << (8 * (i % sizeof(ulong)));
        }
        (first, second, third) = (words[0], words[1], words[2]);
    }

    private static string UnpackName(params ReadOnlySpan<ulong> words) =>
        Encoding.Latin1.GetString(MemoryMarshal.AsBytes(words)).TrimEnd('\0');
}
