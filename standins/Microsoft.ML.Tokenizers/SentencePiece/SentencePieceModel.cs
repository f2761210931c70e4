namespace Microsoft.ML.Tokenizers;

internal enum SentencePieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

internal sealed record SentencePieceEntry(string Text, float Score, SentencePieceType Type);

/// <summary>What a SentencePiece model file says that matters for encoding and decoding; defaults are those of the format.</summary>
internal sealed class SentencePieceModel
{
    public List<SentencePieceEntry> Pieces { get; } = [];

    public bool IsUnigram { get; private set; } = true;

    public bool IsBytePair { get; private set; }

    public bool ByteFallback { get; private set; }

    public bool TreatWhitespaceAsSuffix { get; private set; }

    public int UnknownId { get; private set; }

    public int BeginningId { get; private set; } = 1;

    public int EndId { get; private set; } = 2;

    public int PaddingId { get; private set; } = -1;

    public string UnknownPiece { get; private set; } = "<unk>";

    public string BeginningPiece { get; private set; } = "<s>";

    public string EndPiece { get; private set; } = "</s>";

    public string PaddingPiece { get; private set; } = "<pad>";

    public string NormalizerName { get; private set; } = "";

    public ReadOnlyMemory<byte> CharacterMap { get; private set; }

    public bool AddDummyPrefix { get; private set; } = true;

    public bool RemoveExtraWhitespaces { get; private set; } = true;

    public bool EscapeWhitespaces { get; private set; } = true;

    public static SentencePieceModel Read(Stream stream)
    {
        using MemoryStream content = new();
        stream.CopyTo(content);
        SentencePieceModel model = new();
        foreach (ProtocolBufferField field in ProtocolBuffer.Fields(content.ToArray()))
        {
            switch (field.Number)
            {
                case 1:
                    model.Pieces.Add(ReadPiece(field.Bytes));
                    break;
                case 2:
                    model.ReadTrainer(field.Bytes);
                    break;
                case 3:
                    model.ReadNormalizer(field.Bytes);
                    break;
            }
        }

        return model;
    }

    private static SentencePieceEntry ReadPiece(ReadOnlyMemory<byte> message)
    {
        SentencePieceEntry piece = new("", 0, SentencePieceType.Normal);
        foreach (ProtocolBufferField field in ProtocolBuffer.Fields(message))
        {
            piece = field.Number switch
            {
                1 => piece with { Text = field.AsText },
                2 => piece with { Score = field.AsSingle },
                3 => piece with { Type = (SentencePieceType)field.AsInt32 },
                _ => piece,
            };
        }

        return piece;
    }

    private void ReadTrainer(ReadOnlyMemory<byte> message)
    {
        foreach (ProtocolBufferField field in ProtocolBuffer.Fields(message))
        {
            switch (field.Number)
            {
                case 3:
                    (IsUnigram, IsBytePair) = (field.AsInt32 == 1, field.AsInt32 == 2);
                    break;
                case 24:
                    TreatWhitespaceAsSuffix = field.AsBoolean;
                    break;
                case 35:
                    ByteFallback = field.AsBoolean;
                    break;
                case 40:
                    UnknownId = field.AsInt32;
                    break;
                case 41:
                    BeginningId = field.AsInt32;
                    break;
                case 42:
                    EndId = field.AsInt32;
                    break;
                case 43:
                    PaddingId = field.AsInt32;
                    break;
                case 45:
                    UnknownPiece = field.AsText;
                    break;
                case 46:
                    BeginningPiece = field.AsText;
                    break;
                case 47:
                    EndPiece = field.AsText;
                    break;
                case 48:
                    PaddingPiece = field.AsText;
                    break;
            }
        }
    }

    private void ReadNormalizer(ReadOnlyMemory<byte> message)
    {
        foreach (ProtocolBufferField field in ProtocolBuffer.Fields(message))
        {
            switch (field.Number)
            {
                case 1:
                    NormalizerName = field.AsText;
                    break;
                case 2:
                    CharacterMap = field.Bytes;
                    break;
                case 3:
                    AddDummyPrefix = field.AsBoolean;
                    break;
                case 4:
                    RemoveExtraWhitespaces = field.AsBoolean;
                    break;
                case 5:
                    EscapeWhitespaces = field.AsBoolean;
                    break;
            }
        }
    }
}
